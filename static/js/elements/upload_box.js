// <upload-box> takes a file by its button or dropped onto it, sends it, and goes on to the page that reads it.

import { problemsOf } from "../data/saying.js"
import { send } from "../data/uploading.js"
import { part, say } from "../dom.js"
import { bytes, percent } from "../numbers.js"
import { t } from "../texts.js"

export class UploadBoxElement extends HTMLElement {
  #under = null

  connectedCallback() {
    this.input = this.querySelector("input[type=file]")
    this.input.addEventListener("change", () => this.#take(this.input.files[0]))
    part(this, "under-way").querySelector("button").addEventListener("click", () => this.#under?.abort())
    for (const type of ["dragenter", "dragover"]) {
      this.addEventListener(type, (event) => {
        event.preventDefault()
        this.toggleAttribute("data-over", true)
      })
    }
    for (const type of ["dragleave", "drop"]) this.addEventListener(type, () => this.removeAttribute("data-over"))
    this.addEventListener("drop", (event) => {
      event.preventDefault()
      this.#take(event.dataTransfer.files[0])
    })
  }

  async #take(file) {
    if (!file || this.#under) return
    this.#complain("")
    const limit = Number(this.dataset.limit)
    if (file.size > limit) return this.#complain(t("upload.over", { size: bytes(file.size), limit: bytes(limit) }))
    const row = part(this, "under-way")
    row.hidden = false
    this.#under = new AbortController()
    try {
      const { id } = await send(file, file.name, { progress: (share) => this.#show(share), signal: this.#under.signal })
      location.assign(`/data/new?upload=${id}`)
    } catch (error) {
      if (error.name !== "AbortError") this.#complain(problemsOf(error)[0].message)
    }
    row.hidden = true
    this.input.value = ""
    this.#under = null
  }

  #show(share) {
    this.querySelector("progress").value = share
    say(this.querySelector("output"), percent(share, 0))
  }

  #complain(text) {
    const line = this.querySelector(".problem")
    line.textContent = text
    line.hidden = !text
  }
}

customElements.define("upload-box", UploadBoxElement)
