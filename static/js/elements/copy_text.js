// <copy-text data-from="id"> copies the text of another element. <delete-run> puts the run in the trash, with a way back.

import { ask } from "../api.js"
import { complain } from "../complain.js"
import { toast } from "../dom.js"
import { t } from "../texts.js"

export class CopyTextElement extends HTMLElement {
  connectedCallback() {
    this.querySelector("button").addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(document.getElementById(this.dataset.from).textContent)
        toast(t("copied"))
      } catch {
        toast(t("copy.refused"), { kind: "bad" })
      }
    })
  }
}

export class DeleteRunElement extends HTMLElement {
  set store(store) {
    const button = this.querySelector("button")
    const show = () => {
      button.disabled = !store.status?.actions.includes("delete")
      button.title = button.disabled ? t("run.delete.not_yet") : ""
    }
    store.addEventListener("status", show)
  }

  connectedCallback() {
    const { run } = document.documentElement.dataset
    this.querySelector("button").addEventListener("click", async () => {
      try {
        await ask("DELETE", `/api/runs/${run}`)
        location.assign(`/?deleted=${run}`) // the list offers the way back
      } catch (error) {
        complain(error)
      }
    })
  }
}

customElements.define("copy-text", CopyTextElement)
customElements.define("delete-run", DeleteRunElement)
