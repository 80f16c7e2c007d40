// What one control has asked of the trainer: pending until the answer is there, or until none can come any more.
//
// Live knobs and live swaps are such controls: each has an `output`, shows what is so with `show()`, and takes an event
// with `answer(event)`, in which it asks `hears(event)` whether it was meant.

import { say } from "./dom.js"
import { said } from "./said.js"
import { t } from "./texts.js"

const FULL_LOG = 300 // entries; what was said before them is no longer in it

export class Asking {
  #element
  #asked = null // {id, early}: id is "" until the command was handed over; early: answers that came before that
  #ended = false

  constructor(element) {
    this.#element = element
  }

  /** Whether an answer is still to come. */
  get pending() {
    return this.#asked !== null
  }

  /** Send a command, and show that it waits for its answer. */
  ask(command) {
    const asked = { id: "", early: [] }
    const still = (act) => (said) => this.#asked === asked && act(said)
    this.#asked = asked
    this.#show("pending", t("knob.pending"))
    this.#element.dispatchEvent(new CustomEvent("run:command", {
      bubbles: true,
      detail: {
        command,
        accepted: still(({ id }) => this.#handedOver(id)),
        refused: still((problem) => this.refuse(problem.detail || problem.title)),
      },
    }))
  }

  /** Return whether an event answers what was asked; then nothing is pending any more. */
  hears(event) {
    if (this.#asked?.id === "") this.#asked.early.push(event)
    if (!this.#asked?.id || event.command !== this.#asked.id) return false
    this.#asked = null
    return true
  }

  /** Say why it was refused, and show again what is so. */
  refuse(reason) {
    this.#asked = null
    this.#show("refused", t("knob.refused", { reason: said(reason) }))
    this.#element.show()
  }

  /** Look for the answer in a log that came as a whole, as after a loss of the connection. */
  seek(log) {
    if (!this.#asked?.id) return
    const found = log.findLast(({ type, command }) => command === this.#asked.id && (type === "changed" || type === "rejected"))
    if (found) this.#element.answer(found)
    else if (log.length >= FULL_LOG) this.refuse(t("knob.unheard"))
  }

  /** Whether the run has come to its end: then nothing is answered any more. */
  set ended(ended) {
    this.#ended = ended
    if (ended && this.#asked?.id) this.refuse(t("knob.ended"))
  }

  #handedOver(id) {
    const { early } = this.#asked
    this.#asked.id = id
    const answer = early.find(({ command }) => command === id)
    if (answer) this.#element.answer(answer)
    else if (this.#ended) this.refuse(t("knob.ended"))
  }

  #show(state, text) {
    this.#element.dataset.state = state
    say(this.#element.output, text)
  }
}
