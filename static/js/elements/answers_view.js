// <answers-view> shows what a classifier answers: its confusion matrix and its ROC curves, of one part of the data.
//
// They come with the first capture; a run that predicts numbers has none, and then there is nothing here.

import { complain } from "../complain.js"
import { make, part } from "../dom.js"
import { t } from "../texts.js"

const PARTS = ["validation", "train", "test"]
const SHOWN = { confusion: "confusion-table", roc: "roc-chart" }

export class AnswersViewElement extends HTMLElement {
  #store = null
  #views = new Map() // probe -> its element
  #part = ""

  connectedCallback() {
    part(this, "parts").addEventListener("click", ({ target }) => target.dataset.of && this.#choose(target.dataset.of))
  }

  set store(store) {
    this.#store = store
    store.addEventListener("captures", ({ detail: { keys } }) => this.#hear(keys))
    store.addEventListener("snapshot", () => this.#hear(new Set(store.captures.keys())))
  }

  #hear(keys) {
    const heard = Object.keys(SHOWN).filter((probe) => [...keys].some((key) => key.startsWith(`${probe}/`)))
    if (!heard.length) return
    this.hidden = false
    for (const probe of heard) if (!this.#views.has(probe)) this.#add(probe)
    this.#offer()
    for (const probe of heard) this.#views.get(probe).heard?.()
  }

  #add(probe) {
    import("./confusion_table.js").catch(complain) // not before there is something to show
    import("../charts/roc_chart.js").catch(complain)
    const view = document.createElement(SHOWN[probe])
    this.#views.set(probe, view)
    const place = part(this, "answers")
    if (probe === "confusion") place.prepend(view)
    else place.append(view)
    if (this.#part) this.#show(probe)
  }

  #show(probe) {
    const view = this.#views.get(probe)
    customElements.whenDefined(SHOWN[probe]).then(() => {
      customElements.upgrade(view)
      view.show(this.#store, this.#part)
    })
  }

  /** Offer the parts that there are; the first of them is shown until somebody chooses. */
  #offer() {
    const there = PARTS.filter((name) => [...this.#store.captures.keys()].some((key) => key.endsWith(`/${name}`) && key.split("/")[0] in SHOWN))
    const place = part(this, "parts")
    if (place.children.length !== there.length) {
      place.replaceChildren(...there.map((name) => make("button", { type: "button", "data-of": name, "aria-pressed": String(name === this.#part) }, t(`answers.part.${name}`))))
    }
    place.hidden = there.length < 2
    if (!there.includes(this.#part)) this.#choose(there[0])
  }

  #choose(name) {
    this.#part = name
    for (const button of part(this, "parts").children) button.setAttribute("aria-pressed", String(button.dataset.of === name))
    for (const probe of this.#views.keys()) this.#show(probe)
  }
}

customElements.define("answers-view", AnswersViewElement)
