// <live-knob> is one control: it asks, waits, and says what the trainer answered and since which step.
// A refusal puts it back to what is so.

import { Asking } from "../asking.js"
import { say } from "../dom.js"
import { said } from "../said.js"
import { t } from "../texts.js"
import { shownValue, valueOf } from "../spec_fields.js"

export class LiveKnobElement extends HTMLElement {
  #known = null // {value, since, by}: what the trainer uses
  asking = new Asking(this)

  connectedCallback() {
    this.control = this.querySelector("[data-kind]")
    this.output = this.querySelector("output")
    this.control.addEventListener("change", () => this.#turn())
  }

  get target() {
    return this.dataset.target
  }

  get field() {
    return this.dataset.field
  }

  /** Take what is so: {value, since, by}. A knob that is being turned shows the hand's value until it is answered. */
  set known(known) {
    this.#known = known
    if (this.asking.pending) return
    if (document.activeElement !== this.control) this.show()
    if (this.dataset.state !== "refused") this.#showSince()
  }

  /** Hear the trainer's answer to a command, or that somebody else turned this knob. */
  answer(event) {
    const mine = this.asking.hears(event)
    if (event.type === "rejected") {
      if (mine) this.asking.refuse(event.reason)
      return
    }
    this.#known = { value: event.new, since: event.step, by: event.by }
    if (this.asking.pending) return
    this.show()
    this.#showSince()
  }

  /** Let it be turned, or not: a run that has ended has no knobs. */
  set still(still) {
    for (const one of this.querySelectorAll("input, select")) one.disabled = still
  }

  /** Show the value that the trainer uses. */
  show() {
    if (!this.#known) return
    const { value } = this.#known
    if (this.control.type === "checkbox") this.control.checked = value === true
    else this.control.value = shownValue(value)
    this.querySelector("number-slider, layer-numbers")?.follow?.()
  }

  #turn() {
    const value = valueOf(this.control)
    if (this.#known && !this.asking.pending && same(value, this.#known.value)) return
    this.asking.ask({ type: "change", target: this.target, field: this.field, value })
  }

  #showSince() {
    const { since, by } = this.#known ?? {}
    // who turned it tells a knob that was turned at step 0 from one that was never turned
    const turned = Boolean(since || by)
    this.dataset.state = turned ? "since" : "start"
    say(this.output, turned ? t(by ? "knob.since_by" : "knob.since", { step: since, by: said(by) }) : "")
  }
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b)
}

customElements.define("live-knob", LiveKnobElement)
