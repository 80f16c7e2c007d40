// <toast-stack> shows short messages for a while; one may carry a button, such as undo.

import { make } from "../dom.js"
import { t } from "../texts.js"

const MOST = 4

export class ToastStackElement extends HTMLElement {
  #listen = ({ detail }) => this.#show(detail)

  connectedCallback() {
    document.addEventListener("toast", this.#listen)
  }

  disconnectedCallback() {
    document.removeEventListener("toast", this.#listen)
  }

  #show({ text, kind, action, seconds }) {
    const toast = make("div", { class: "toast", "data-kind": kind }, make("span", {}, text))
    const close = () => toast.remove()
    if (action) {
      const button = make("button", { type: "button", class: "quiet" }, action.label)
      button.addEventListener("click", () => {
        close()
        action.run()
      })
      toast.append(button)
    }
    const dismiss = make("button", { type: "button", class: "quiet icon", "aria-label": t("close") }, "×")
    dismiss.addEventListener("click", close)
    toast.append(dismiss)
    this.append(toast)
    while (this.children.length > MOST) this.firstElementChild.remove()
    setTimeout(close, seconds * 1000)
  }
}

customElements.define("toast-stack", ToastStackElement)
