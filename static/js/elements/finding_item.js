// FindingItem is one finding in the list: what is the matter, the evidence with the way to its chart, how sure, what to try.
// It keeps its parts between two diagnoses: a button under the pointer is not replaced because a number moved.

import { boardKey } from "../board.js"
import { hold, moment, zoom } from "../charts/cursor.js"
import { make, say } from "../dom.js"
import { t } from "../texts.js"
import "./diagnosis_try.js"

const SHOWN_MS = 1800

/** Return the words of a sentence in a diagnosis. */
export function words({ key, values }) {
  return t(`diagnosis.${key}`, values)
}

/** Show where a number is to be seen: hold the step, zoom to its range, bring its chart into sight. */
export function showOnChart({ series, step, span }) {
  if (span) zoom(span[1] > span[0] ? span : null)
  else if (moment.zoom && (step < moment.zoom[0] || step > moment.zoom[1])) zoom(null)
  hold(step)
  const panel = document.querySelector(`[data-panel="${CSS.escape(boardKey(series))}"]`)
  if (!panel) return
  panel.scrollIntoView({ block: "center", behavior: "smooth" })
  panel.dataset.pointed = ""
  setTimeout(() => delete panel.dataset.pointed, SHOWN_MS)
}

export class FindingItem {
  #tries = new Map() // key -> its element

  constructor() {
    this.title = make("h3", {})
    this.sure = make("span", { class: "chip" })
    this.held = make("span", { class: "muted small" })
    this.says = make("p", {})
    this.evidence = make("ul", { class: "evidence small" })
    this.why = make("p", { class: "muted small" })
    this.tries = make("ul", { class: "tries" })
    this.element = make("li", {}, make("div", { class: "finding-head" }, this.title, this.sure, this.held), this.says, this.evidence, this.why, this.tries)
  }

  /** Show a finding of a run that trains or not. */
  fill(finding, run, trains) {
    const key = JSON.stringify([finding, trains])
    if (key === this.key) return
    this.key = key
    const { name, kind, sure, since, until, says, why, evidence, tries } = finding
    this.element.dataset.finding = name
    this.element.dataset.kind = kind
    this.element.toggleAttribute("data-over", until !== null)
    say(this.title, t(`diagnosis.${name}.title`))
    this.sure.dataset.sure = sure
    say(this.sure, t(`diagnosis.${sure}`))
    say(this.held, until === null ? t("diagnosis.since", { step: since }) : t("diagnosis.held", { since, until }))
    say(this.says, words(says))
    say(this.why, words(why))
    this.#showEvidence(evidence)
    this.#showTries(until === null ? tries : [], run, trains)
  }

  /** Hear what the trainer answered. */
  answer(event) {
    for (const one of this.#tries.values()) one.answer(event)
  }

  #showEvidence(evidence) {
    const rows = evidence.map((one, index) => {
      const row = this.evidence.children[index] ?? make("li", {})
      if (one.step === null) row.replaceChildren(words(one.says))
      else if (row.firstElementChild) say(row.firstElementChild, words(one.says))
      else row.replaceChildren(make("button", { type: "button", class: "link" }, words(one.says)))
      row.onclick = one.step === null ? null : ({ target }) => target.matches("button") && showOnChart(one)
      return row
    })
    this.evidence.replaceChildren(...rows)
  }

  #showTries(tries, run, trains) {
    const shown = new Set()
    for (const one of tries) {
      const key = `${one.says.key} ${one.says.values.name ?? ""}`
      shown.add(key)
      if (!this.#tries.has(key)) {
        this.#tries.set(key, make("diagnosis-try", {}))
        this.tries.append(make("li", {}, this.#tries.get(key)))
      }
      this.#tries.get(key).fill(one, words(one.says), run, trains)
    }
    for (const [key, element] of this.#tries) {
      if (shown.has(key) || element.asking.pending) continue
      element.closest("li").remove()
      this.#tries.delete(key)
    }
    this.tries.hidden = !this.#tries.size
  }
}
