// <nav-menu> shows what is under a word of the top bar; a click elsewhere, Escape or leaving it by Tab closes it.

export class NavMenuElement extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button")
    this.list = this.querySelector(".nav-more")
    this.button.addEventListener("click", () => this.#show(this.list.hidden))
    this.addEventListener("keydown", (event) => this.#walk(event))
    this.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !this.contains(relatedTarget) && this.#show(false))
    document.addEventListener("pointerdown", ({ target }) => this.contains(target) || this.#show(false))
  }

  #show(isShown) {
    this.list.hidden = !isShown
    this.button.setAttribute("aria-expanded", String(isShown))
  }

  #walk(event) {
    if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation()
      this.#show(false)
      this.button.focus()
      return
    }
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!way) return
    event.preventDefault()
    this.#show(true)
    const links = [...this.list.querySelectorAll("a")]
    links[(links.indexOf(document.activeElement) + way + links.length) % links.length].focus()
  }
}

customElements.define("nav-menu", NavMenuElement)
