// <invite-link> makes a link that signs one more visitor in, and shows it to be copied. It stands only where visitors sign in.

import { ask } from "../api.js"
import { make, toast } from "../dom.js"
import { t } from "../texts.js"

export class InviteLinkElement extends HTMLElement {
  connectedCallback() {
    this.querySelector("button").addEventListener("click", () => this.#invite())
  }

  async #invite() {
    try {
      this.#show((await ask("POST", "/api/invitations")).url)
    } catch (error) {
      toast([error.detail || error.title, error.hint].filter(Boolean).join(" "), { kind: "bad" })
    }
  }

  #show(url) {
    const link = make("input", { type: "text", id: "invite-link", readonly: true, value: url })
    const copy = make("button", { type: "button", class: "primary" }, t("invite.copy"))
    const dialog = make("dialog", { "aria-labelledby": "invite-title" },
      make("form", { method: "dialog" },
        make("h2", { id: "invite-title" }, t("invite.title")),
        make("label", { for: "invite-link" }, t("invite.help")),
        link,
        make("div", { class: "row end" }, make("button", { class: "quiet" }, t("invite.close")), copy)))
    copy.addEventListener("click", () => this.#copy(link))
    dialog.addEventListener("close", () => dialog.remove())
    this.append(dialog)
    dialog.showModal()
    link.select()
  }

  async #copy(link) {
    try {
      await navigator.clipboard.writeText(link.value)
      toast(t("copied"))
    } catch {
      link.select() // without https a browser has no clipboard for scripts
      toast(t("copy.refused"), { kind: "bad" })
    }
  }
}

customElements.define("invite-link", InviteLinkElement)
