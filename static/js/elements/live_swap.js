// <live-swap> takes another optimizer or schedule in mid-run, after asking for its parameters and what becomes of the moments.
// <knob-switch> folds the knobs of a regularizer that is off.

import { say } from "../dom.js"
import { readSpec } from "../spec_fields.js"
import { t } from "../texts.js"

export class LiveSwapElement extends HTMLElement {
  #pending = null

  connectedCallback() {
    this.select = this.querySelector("select")
    this.output = this.querySelector("output")
    this.dialog = document.querySelector(`dialog[data-swap="${this.dataset.target}"]`)
    this.select.addEventListener("change", () => this.#ask())
    this.dialog.addEventListener("close", () => (this.dialog.returnValue === "take" ? this.#take() : this.#show(this.dataset.value)))
  }

  get target() {
    return this.dataset.target
  }

  /** Show which one is in use. */
  set known(name) {
    if (this.#pending === null) this.#show(name)
  }

  /** Hear the trainer's answer. */
  answer(event) {
    if (event.type === "rejected") {
      if (this.#pending === null || event.command !== this.#pending) return
      return this.#refuse(event.reason)
    }
    this.#pending = null
    this.dataset.state = "since"
    this.#show(event.new?.name ?? event.new)
    say(this.output, [t(event.by ? "knob.since_by" : "knob.since", { step: event.step, by: event.by }), event.note].filter(Boolean).join(" · "))
  }

  set still(still) {
    this.select.disabled = still
  }

  #ask() {
    for (const fields of this.dialog.querySelectorAll("[data-variant]")) fields.hidden = fields.disabled = fields.dataset.variant !== this.select.value
    this.dialog.returnValue = "cancel"
    this.dialog.showModal()
  }

  #take() {
    const form = this.dialog.querySelector("form")
    const controls = [...form.elements].filter((one) => one.dataset.kind && !one.matches(":disabled"))
    const { params } = readSpec(controls)[this.target] ?? {}
    const state = form.elements.state?.value ?? "reset"
    this.#pending = ""
    this.dataset.state = "pending"
    say(this.output, t("knob.pending"))
    this.dispatchEvent(new CustomEvent("run:command", {
      bubbles: true,
      detail: {
        command: { type: "swap", target: this.target, name: this.select.value, params: params ?? {}, state },
        accepted: ({ id }) => this.#pending === "" && (this.#pending = id),
        refused: (problem) => this.#refuse(problem.detail || problem.title),
      },
    }))
  }

  #refuse(reason) {
    this.#pending = null
    this.dataset.state = "refused"
    say(this.output, t("knob.refused", { reason }))
    this.#show(this.dataset.value)
  }

  #show(name) {
    this.dataset.value = name
    this.select.value = name
    for (const knobs of this.querySelectorAll(":scope > [data-variant]")) knobs.hidden = knobs.dataset.variant !== name
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
