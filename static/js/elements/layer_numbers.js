// <layer-numbers> shows a number for each layer as rows, once it is told which layers there are. The text field in it
// is the control that a form and a knob know: "dense 1: 0.01, output: 0". An empty row takes the common number.

import { make } from "../dom.js"
import { layersOf, shownValue } from "../spec_fields.js"
import { t } from "../texts.js"

export class LayerNumbersElement extends HTMLElement {
  #rows = new Map() // layer -> its input

  connectedCallback() {
    this.control = this.querySelector("[data-kind=layers]")
    this.addEventListener("input", ({ target }) => target !== this.control && this.#gather())
    this.addEventListener("change", (event) => {
      if (event.target === this.control) return
      event.stopPropagation() // the control's own says it once
      this.#gather()
      this.control.dispatchEvent(new Event("change", { bubbles: true }))
    })
  }

  /** Take a plan's layers: those that may have a number of their own become rows. */
  set layers(layers) {
    const weighted = layers.filter(({ weight }) => weight)
    // neither the output nor the way around a block has dropout
    const hidden = weighted.slice(0, -1).filter(({ name }) => !name.endsWith(" skip"))
    const names = (this.dataset.layers === "hidden" ? hidden : weighted).map(({ name }) => name)
    // what was typed for a layer that is gone stays in sight: the server says what is wrong with it
    const wanted = [...new Set([...names, ...Object.keys(this.#numbers())])]
    if (wanted.join() !== [...this.#rows.keys()].join()) this.#hang(wanted)
    this.follow()
  }

  /** Show what the control says, but for the row that is being typed in. */
  follow() {
    const numbers = this.#numbers()
    if (this.#rows.size && Object.keys(numbers).some((name) => !this.#rows.has(name))) this.#hang([...new Set([...this.#rows.keys(), ...Object.keys(numbers)])])
    for (const [name, input] of this.#rows) if (input !== document.activeElement) input.value = shownValue(numbers[name] ?? "")
  }

  #numbers() {
    const read = layersOf(this.control.value)
    return typeof read === "object" ? read : {}
  }

  #hang(names) {
    const help = this.control.getAttribute("aria-describedby")
    const facts = { type: "text", inputmode: "decimal", autocomplete: "off", placeholder: t("layers.common"), "aria-describedby": help }
    this.#rows = new Map(names.map((name) => [name, make("input", { ...facts, disabled: this.control.disabled })]))
    const rows = [...this.#rows].map(([name, input]) => make("label", {}, make("span", {}, name), input))
    const label = this.closest(".field").querySelector("label").firstChild.textContent.trim()
    this.querySelector(".rows")?.remove()
    this.append(make("div", { class: "rows", role: "group", "aria-label": label }, ...rows))
    this.control.hidden = true
    this.control.focus = () => rows[0]?.control.focus() // what is hidden cannot take it: a problem's link leads to the rows
  }

  #gather() {
    const said = [...this.#rows].map(([name, input]) => [name, input.value.trim()]).filter(([, text]) => text)
    this.control.value = said.map((one) => one.join(": ")).join(", ")
  }
}

customElements.define("layer-numbers", LayerNumbersElement)
