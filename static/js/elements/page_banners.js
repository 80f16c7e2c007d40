// <page-banners> says what is the matter for as long as it is: banner("disk", text) says it, banner("disk", "") takes it away.

import { make } from "../dom.js"

export class PageBannersElement extends HTMLElement {
  #shown = new Map() // key -> element
  #listen = ({ detail }) => this.#show(detail)

  connectedCallback() {
    document.addEventListener("banner", this.#listen)
  }

  disconnectedCallback() {
    document.removeEventListener("banner", this.#listen)
  }

  #show({ key, text, kind, link }) {
    const before = this.#shown.get(key)
    if (before?.dataset.text === text) return
    before?.remove()
    this.#shown.delete(key)
    if (!text) return
    const act = link ? make("a", { class: "button", href: link.href }, link.label) : null
    const notice = make("div", { class: "notice row spread", "data-kind": kind, "data-text": text }, make("p", {}, text), act)
    this.#shown.set(key, notice)
    this.append(notice)
  }
}

customElements.define("page-banners", PageBannersElement)
