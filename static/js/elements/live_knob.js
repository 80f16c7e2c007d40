// <live-knob> is one control: it asks, waits, and says what the trainer answered and since which step.
// A refusal puts it back to what is so.

import { say } from "../dom.js"
import { t } from "../texts.js"
import { valueOf } from "../spec_fields.js"

export class LiveKnobElement extends HTMLElement {
  #known = null // {value, since, by}: what the trainer uses
  #pending = null // id of the command that was sent, "" until it has one

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
    if (this.#pending === null && document.activeElement !== this.control) this.#showValue()
    if (this.#pending === null && this.dataset.state !== "refused") this.#showSince()
  }

  /** Hear the trainer's answer to a command, or that somebody else turned this knob. */
  answer(event) {
    const mine = this.#pending !== null && (this.#pending === "" || event.command === this.#pending)
    if (event.type === "rejected") {
      if (mine && event.command === this.#pending) this.#refuse(event.reason)
      return
    }
    if (mine || this.#pending === null) {
      this.#pending = null
      this.#known = { value: event.new, since: event.step, by: event.by }
      this.#showValue()
      this.#showSince()
    }
  }

  /** Let it be turned, or not: a run that has ended has no knobs. */
  set still(still) {
    for (const one of this.querySelectorAll("input, select")) one.disabled = still
  }

  #turn() {
    const value = valueOf(this.control)
    if (this.#known && this.#pending === null && same(value, this.#known.value)) return
    this.#pending = ""
    this.dataset.state = "pending"
    say(this.output, t("knob.pending"))
    this.dispatchEvent(new CustomEvent("run:command", {
      bubbles: true,
      detail: {
        command: { type: "change", target: this.target, field: this.field, value },
        accepted: ({ id }) => this.#pending === "" && (this.#pending = id),
        refused: (problem) => this.#refuse(problem.detail || problem.title),
      },
    }))
  }

  #refuse(reason) {
    this.#pending = null
    this.dataset.state = "refused"
    say(this.output, t("knob.refused", { reason }))
    this.#showValue()
  }

  #showValue() {
    if (!this.#known) return
    const { value } = this.#known
    if (this.control.type === "checkbox") this.control.checked = value === true
    else this.control.value = Array.isArray(value) ? value.join(", ") : String(value)
    this.querySelector("number-slider")?.follow?.()
  }

  #showSince() {
    const { since, by } = this.#known ?? {}
    this.dataset.state = since ? "since" : "start"
    say(this.output, since ? t(by ? "knob.since_by" : "knob.since", { step: since, by }) : "")
  }
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b)
}

customElements.define("live-knob", LiveKnobElement)
