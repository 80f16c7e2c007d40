// <look-link> leads from a form to the page of the data set that is chosen, with the parameters that it has there now.

import { readQuery } from "../spec_fields.js"

export class LookLinkElement extends HTMLElement {
  connectedCallback() {
    const form = this.closest("form")
    form.addEventListener("input", () => this.#point(form))
    form.addEventListener("change", () => this.#point(form))
    queueMicrotask(() => this.#point(form))
  }

  #point(form) {
    const controls = [...form.elements].filter((one) => one.name && one.dataset.kind && !one.matches(":disabled"))
    const { value } = controls.find((one) => one.name === "dataset")
    const query = readQuery(controls.filter((one) => one.name.startsWith("dataset.")))
    this.querySelector("a").href = `/data/${encodeURIComponent(value)}${query.size ? `?${query}` : ""}`
  }
}

customElements.define("look-link", LookLinkElement)
