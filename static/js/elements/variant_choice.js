// <variant-choice> shows the fields of the component that is chosen. <toggle-row> shows those of one that is on.
// What is hidden is disabled too, and so is no part of the form; what was typed there waits.

export class VariantChoiceElement extends HTMLElement {
  connectedCallback() {
    this.select = this.querySelector("select[data-kind=choice]")
    this.select.addEventListener("change", () => this.#show())
    this.#show()
  }

  #show() {
    for (const variant of this.querySelectorAll(":scope > fieldset[data-variant]")) {
      variant.hidden = variant.disabled = variant.dataset.variant !== this.select.value
    }
  }
}

export class ToggleRowElement extends HTMLElement {
  connectedCallback() {
    this.box = this.querySelector("input[data-kind=toggle]")
    this.box.addEventListener("change", () => this.#show())
    this.#show()
  }

  #show() {
    this.toggleAttribute("data-on", this.box.checked)
    const fields = this.querySelector(":scope > fieldset")
    if (fields) fields.hidden = fields.disabled = !this.box.checked
  }
}

customElements.define("variant-choice", VariantChoiceElement)
customElements.define("toggle-row", ToggleRowElement)
