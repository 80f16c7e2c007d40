// <diagnosis-try> is one thing to try: asked of the running trainer at a click, or taken along into a new run.

import { Asking } from "../asking.js"
import { make, say } from "../dom.js"
import { t } from "../texts.js"

/** Return the address of the New run form with a change filled in. */
export function addressOf(run, changes) {
  return `/new?${new URLSearchParams({ from: run, ...changes })}`
}

export class DiagnosisTryElement extends HTMLElement {
  #trial = null
  asking = new Asking(this)

  /** Show what to try: as a diagnosis has it, with its words, of a run that trains or not. */
  fill(trial, words, run, trains) {
    this.output ??= make("output", { class: "answer" })
    const key = JSON.stringify([trial, words, trains])
    if (this.dataset.key === key || this.asking.pending) return
    this.dataset.key = key
    this.#trial = trial
    const label = (name) => `${t(name)}: ${words}`
    const acts = []
    if (trains && trial.command) {
      this.button = make("button", { type: "button", "aria-label": label("diagnosis.apply") }, t("diagnosis.apply"))
      this.button.addEventListener("click", () => this.asking.ask(this.#trial.command))
      acts.push(this.button)
    }
    acts.push(make("a", { class: "button quiet", href: addressOf(run, trial.changes), "aria-label": label("diagnosis.anew") }, t("diagnosis.anew")))
    this.replaceChildren(make("span", { class: "trial" }, words), ...acts, this.output)
    this.show()
  }

  /** Hear what the trainer answered, to this or to somebody else. */
  answer(event) {
    if (!this.asking.hears(event)) return
    if (event.type === "rejected") this.asking.refuse(event.reason)
    else {
      this.dataset.state = "since"
      say(this.output, t("diagnosis.done", { step: event.step }))
    }
  }

  /** Show since when it was tried, if it was. */
  show() {
    if (this.dataset.state === "refused" || this.#trial.done === null) return
    this.dataset.state = "since"
    say(this.output, t("diagnosis.done", { step: this.#trial.done }))
  }
}

customElements.define("diagnosis-try", DiagnosisTryElement)
