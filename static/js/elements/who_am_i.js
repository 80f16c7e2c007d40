// <who-am-i> lets one say under which name one's changes stand in the log; kept in a cookie.

import { make } from "../dom.js"
import { t } from "../texts.js"

const COOKIE = "livefit_name"
const A_YEAR_S = 365 * 24 * 3600

export class WhoAmIElement extends HTMLElement {
  connectedCallback() {
    this.querySelector("button").addEventListener("click", () => this.#ask())
  }

  #ask() {
    const input = make("input", { type: "text", id: "my-name", maxlength: 40, autocomplete: "nickname", value: nameInCookie() })
    const dialog = make("dialog", { "aria-labelledby": "my-name-title" },
      make("form", { method: "dialog" },
        make("h2", { id: "my-name-title" }, t("who.title")),
        make("label", { for: "my-name" }, t("who.help")),
        input,
        make("div", { class: "row end" },
          make("button", { type: "submit", value: "cancel", class: "quiet", formnovalidate: true }, t("cancel")),
          make("button", { type: "submit", value: "keep", class: "primary" }, t("who.keep")))))
    // Enter presses a form's first button, which here would be cancel
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return
      event.preventDefault()
      dialog.close("keep")
    })
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "keep") this.#keep(input.value.trim().slice(0, 40))
      dialog.remove()
    })
    this.append(dialog)
    dialog.showModal()
    input.select()
  }

  #keep(name) {
    document.cookie = `${COOKIE}=${encodeURIComponent(name)}; path=/; max-age=${name ? A_YEAR_S : 0}; samesite=lax`
    this.querySelector("[data-who]").textContent = name || t("who.set")
    this.querySelector("button").toggleAttribute("data-unset", !name)
    document.dispatchEvent(new CustomEvent("name", { detail: { name } }))
  }
}

function nameInCookie() {
  const found = document.cookie.split("; ").find((one) => one.startsWith(`${COOKIE}=`))
  try {
    return decodeURIComponent(found?.slice(COOKIE.length + 1) ?? "")
  } catch {
    return "" // somebody else's cookie of that name
  }
}

customElements.define("who-am-i", WhoAmIElement)
