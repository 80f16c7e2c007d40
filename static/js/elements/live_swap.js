// <live-swap> takes another optimizer or schedule in mid-run, after asking for its parameters and what becomes of the moments.
// <knob-switch> folds the knobs of a regularizer that is off.

import { Asking } from "../asking.js"
import { say } from "../dom.js"
import { offerMonitors } from "../monitors.js"
import { said } from "../said.js"
import { readSpec } from "../spec_fields.js"
import { t } from "../texts.js"

export class LiveSwapElement extends HTMLElement {
  #name = "" // the one in use
  plan = null // of the run, as the panel knows it
  asking = new Asking(this)

  connectedCallback() {
    this.select = this.querySelector("select")
    this.output = this.querySelector("output")
    this.#name = this.dataset.value
    this.select.addEventListener("change", () => this.#ask())
  }

  get target() {
    return this.dataset.target
  }

  /** Show which one is in use. */
  set known(name) {
    this.#name = name
    if (!this.asking.pending) this.show()
  }

  /** Hear the trainer's answer, or that somebody else changed it. */
  answer(event) {
    const mine = this.asking.hears(event)
    if (event.type === "rejected") {
      if (mine) this.asking.refuse(event.reason)
      return
    }
    this.#name = event.new?.name ?? event.new
    if (this.asking.pending) return
    this.dataset.state = "since"
    this.show()
    say(this.output, [t(event.by ? "knob.since_by" : "knob.since", { step: event.step, by: said(event.by) }), said(event.note)].filter(Boolean).join(" · "))
  }

  set still(still) {
    this.select.disabled = still
  }

  #ask() {
    this.dialog ??= this.#makeDialog()
    offerMonitors(this.dialog, this.plan)
    for (const fields of this.dialog.querySelectorAll("[data-variant]")) fields.hidden = fields.disabled = fields.dataset.variant !== this.select.value
    this.dialog.returnValue = "cancel"
    this.dialog.showModal()
  }

  #makeDialog() {
    const template = document.querySelector(`template[data-swap="${this.target}"]`)
    const dialog = document.importNode(template.content, true).querySelector("dialog")
    template.replaceWith(dialog)
    dialog.addEventListener("close", () => (dialog.returnValue === "take" ? this.#take() : this.show()))
    return dialog
  }

  #take() {
    const form = this.dialog.querySelector("form")
    const controls = [...form.elements].filter((one) => one.dataset.kind && !one.matches(":disabled"))
    const { params } = readSpec(controls)[this.target] ?? {}
    const state = form.elements.state?.value ?? "reset"
    this.asking.ask({ type: "swap", target: this.target, name: this.select.value, params: params ?? {}, state })
  }

  /** Show the one in use, and its knobs. */
  show() {
    this.dataset.value = this.#name
    this.select.value = this.#name
    const mine = this.querySelector(`:scope > template[data-variant="${this.#name}"]`)
    mine?.replaceWith(document.importNode(mine.content, true))
    for (const knobs of this.querySelectorAll(":scope > .knobs")) knobs.hidden = knobs.dataset.variant !== this.#name
  }
}

export class KnobSwitchElement extends HTMLElement {
  /** Show the strengths of what is on. */
  set on(on) {
    this.toggleAttribute("data-on", on)
    const knobs = this.querySelector(":scope > .knobs")
    if (knobs) knobs.hidden = !on
  }
}

customElements.define("live-swap", LiveSwapElement)
customElements.define("knob-switch", KnobSwitchElement)
