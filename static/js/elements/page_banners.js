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

  #show({ key, text, kind }) {
    const before = this.#shown.get(key)
    if (before?.textContent === text) return
    before?.remove()
    this.#shown.delete(key)
    if (!text) return
    const notice = make("p", { class: "notice", "data-kind": kind }, text)
    this.#shown.set(key, notice)
    this.append(notice)
  }
}

customElements.define("page-banners", PageBannersElement)
