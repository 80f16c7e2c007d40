// <key-help> shows which keys there are: ? opens it, as does the button in the top bar.

import { make } from "../dom.js"
import { has, t } from "../texts.js"

const KEYS = ["?", "/", "g", "n", "p", "Space", "s", "l", "[", "]", "Esc"]

export class KeyHelpElement extends HTMLElement {
  connectedCallback() {
    document.addEventListener("key-help", () => this.#open())
    document.querySelector("[data-help]")?.addEventListener("click", () => this.#open())
  }

  #open() {
    if (this.querySelector("dialog")) return
    const rows = KEYS.filter((key) => has(`key.${key}`)).flatMap((key) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, t(`key.${key}`))])
    const dialog = make("dialog", { "aria-labelledby": "keys-title" },
      make("form", { method: "dialog" },
        make("h2", { id: "keys-title" }, t("help.title")),
        make("dl", { class: "keys" }, ...rows),
        make("p", { class: "muted small" }, t("help.note")),
        make("div", { class: "row end" }, make("button", { type: "submit", class: "primary" }, t("close")))))
    dialog.addEventListener("close", () => dialog.remove())
    this.append(dialog)
    dialog.showModal()
  }
}

customElements.define("key-help", KeyHelpElement)
