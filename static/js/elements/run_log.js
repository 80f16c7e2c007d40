// <run-log> lists what happened, newest first, each with its step.

import { make, part } from "../dom.js"
import { said } from "../said.js"
import { count, language, t } from "../texts.js"

const MOST = 300
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit" })

export class RunLogElement extends HTMLElement {
  #store = null
  #shown = null

  connectedCallback() {
    this.epochs = this.querySelector("[data-epochs]")
    this.epochs.addEventListener("change", () => {
      this.#shown = null
      this.#show()
    })
  }

  set store(store) {
    this.#store = store
    store.addEventListener("snapshot", () => this.#show())
    store.addEventListener("event", () => this.#show())
  }

  #show() {
    const { log: recent = [], marks = [] } = this.#store.state ?? {}
    // the log is bounded, and epochs push older entries out; the marks remember what was changed before
    const older = marks.filter(({ step }) => step < (recent[0]?.step ?? 0))
    const log = [...older, ...recent].filter(({ type }) => this.epochs.checked || type !== "epoch")
    const list = part(this, "log")
    const newest = log.at(-1)
    if (newest && newest === this.#shown) return
    // entries are only ever added at the end: write those after the last one shown
    const from = this.#shown ? log.lastIndexOf(this.#shown) + 1 : 0
    if (from === 0) list.replaceChildren()
    list.prepend(...log.slice(from).map(row).reverse())
    while (list.children.length > MOST) list.lastElementChild.remove()
    this.#shown = newest ?? null
    if (!list.children.length) list.append(make("li", { class: "muted none" }, t("log.none")))
  }
}

function row({ time, step, type, kind, text }) {
  const when = time ? clock.format(new Date(time * 1000)) : ""
  return make("li", { "data-type": type ?? (kind === "change" || kind === "swap" ? "changed" : kind) },
    make("span", { class: "step" }, count(step ?? 0)),
    make("span", {}, said(text ?? type)),
    make("time", { class: "muted" }, when))
}

customElements.define("run-log", RunLogElement)
