// <download-box> brings a data set here on a press of its button and says how far it is, also when another visitor pressed.
// "downloaded" is heard when it has come.

import { ask } from "../api.js"
import { problemsOf } from "../data/saying.js"
import { part, say } from "../dom.js"
import { bytes } from "../numbers.js"
import { said } from "../said.js"
import { t } from "../texts.js"

const LOOK_EVERY_MS = 400

export class DownloadBoxElement extends HTMLElement {
  #timer = 0
  #watches = false

  connectedCallback() {
    if (this.address) return // moved to another place of the page
    this.address = `/api/datasets/${this.dataset.name}/download`
    part(this, "fetch").addEventListener("click", () => this.#begin())
    part(this, "cancel").addEventListener("click", () => this.#cancel())
  }

  /** Offer to download so much, with a sentence that says what is missing; or show a download that is under way. */
  offer(size, text = "") {
    this.hidden = false
    say(part(this, "missing"), text)
    part(this, "missing").hidden = !text
    say(part(this, "fetch"), t("data.fetch", { size }))
    if (!this.#watches) this.#look({ isFirst: true })
  }

  #begin() {
    this.#complain("")
    this.#asked(() => ask("POST", this.address))
  }

  async #cancel() {
    clearTimeout(this.#timer)
    await this.#asked(() => ask("DELETE", this.address).then(() => ({ going: false, cancelled: true })))
    part(this, "fetch").focus()
  }

  #look({ isFirst = false } = {}) {
    return this.#asked(() => ask("GET", this.address), isFirst)
  }

  async #asked(question, isFirst = false) {
    try {
      this.#show(await question(), isFirst)
    } catch (error) {
      this.#show({ going: false, cancelled: true })
      this.#complain(problemsOf(error)[0].message)
    }
  }

  #show({ going, title, done, total, problem, hint, cancelled = false }, isFirst = false) {
    part(this, "under-way").hidden = !going
    part(this, "fetch").hidden = going
    const watched = this.#watches
    this.#watches = going
    if (going) {
      const bar = this.querySelector("progress")
      if (total) bar.value = Math.min(1, done / total)
      say(this.querySelector("output"), total ? `${title}: ${bytes(Math.min(done, total))} / ${bytes(total)}` : t("data.fetch.begins"))
      this.#timer = setTimeout(() => this.#look(), LOOK_EVERY_MS)
    } else if (problem && !isFirst) {
      this.#complain([problem, hint].filter(Boolean).map(said).join(" "))
    } else if (watched && !cancelled) {
      this.dispatchEvent(new CustomEvent("downloaded", { bubbles: true }))
    }
  }

  #complain(text) {
    const line = this.querySelector(".problem")
    line.textContent = text
    line.hidden = !text
  }
}

customElements.define("download-box", DownloadBoxElement)
