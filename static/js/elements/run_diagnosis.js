// <run-diagnosis> says what is the matter with a run: in a line that is always there, and opened with all that belongs to it.
//
// Its height does not depend on what is found: nothing on the page moves when a finding comes or goes.

import { ask } from "../api.js"
import { sentenceOf } from "../complain.js"
import { make, part, say } from "../dom.js"
import { t } from "../texts.js"
import { showBalance } from "./balance_view.js"
import { FindingItem } from "./finding_item.js"

const TRAINS = new Set(["running", "paused", "stalled"])

export class RunDiagnosisElement extends HTMLElement {
  #store = null
  #items = new Map() // name -> FindingItem

  connectedCallback() {
    const form = part(this, "level")
    form.addEventListener("submit", (event) => {
      event.preventDefault()
      this.#setLevel(form.querySelector("input"))
    })
  }

  set store(store) {
    this.#store = store
    for (const type of ["snapshot", "status", "diagnosis"]) store.addEventListener(type, () => this.#show())
    store.addEventListener("event", ({ detail }) => {
      if (detail.type !== "changed" && detail.type !== "rejected") return
      for (const item of this.#items.values()) item.answer(detail)
    })
  }

  #show() {
    const { diagnosis, status, state } = this.#store
    if (!diagnosis || !status) return
    const { findings, balance } = diagnosis
    const held = findings.filter(({ until }) => until === null)
    const early = !state.step
    this.#showChips(held, early)
    part(this, "nothing").hidden = findings.length > 0
    say(part(this, "nothing"), t(early ? "diagnosis.early.help" : "diagnosis.nothing.help"))
    const list = part(this, "findings")
    for (const [name, { element }] of this.#items) {
      if (findings.some((one) => one.name === name)) continue
      element.remove()
      this.#items.delete(name)
    }
    findings.forEach((one, place) => {
      if (!this.#items.has(one.name)) this.#items.set(one.name, new FindingItem())
      const item = this.#items.get(one.name)
      item.fill(one, this.dataset.run, TRAINS.has(status.name))
      if (list.children[place] !== item.element) list.insertBefore(item.element, list.children[place] ?? null)
    })
    showBalance(this, balance)
  }

  #showChips(held, early) {
    const chips = part(this, "chips")
    const key = JSON.stringify([held.map(({ name, sure }) => [name, sure]), early])
    if (chips.dataset.key === key) return
    chips.dataset.key = key
    const told = held.map(({ name, kind, sure }) => make("span", { class: "chip", "data-kind": kind }, `${t(`diagnosis.${name}.title`)} · ${t(`diagnosis.${sure}`)}`))
    chips.replaceChildren(...(told.length ? told : [make("span", { class: "muted" }, t(early ? "diagnosis.early" : "diagnosis.nothing"))]))
  }

  async #setLevel(input) {
    const isShare = this.#store.diagnosis?.balance.metric === "accuracy"
    const typed = input.value.trim().replace(",", ".").replace(/\s*%$/, "")
    const level = typed === "" ? null : Number(typed) / (isShare ? 100 : 1)
    let told = ""
    if (level !== null && !(level >= 0 && level <= (isShare ? 1 : Infinity))) told = t(isShare ? "diagnosis.level.share" : "diagnosis.level.number", { typed: input.value })
    else {
      try {
        await ask("PUT", `/api/runs/${this.dataset.run}/level`, { level })
      } catch (problem) {
        told = sentenceOf(problem)
      }
    }
    say(part(this, "level-problem"), told)
    input.toggleAttribute("aria-invalid", false)
    if (told) input.setAttribute("aria-invalid", "true")
  }
}

customElements.define("run-diagnosis", RunDiagnosisElement)
