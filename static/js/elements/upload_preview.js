// <upload-preview> shows what an upload would become, asks again as its options change, and keeps it as a data set.
// What was chosen is remembered for as long as the tab lives, so that a reload loses nothing.

import { ask } from "../api.js"
import { becomes, columnRows, firstRows, pictures } from "../data/preview.js"
import { problemsOf, sentence } from "../data/saying.js"
import { make, part, say } from "../dom.js"
import { bytes } from "../numbers.js"
import { said } from "../said.js"
import { count, t } from "../texts.js"

const PAUSE_IN_TYPING_MS = 250
// another way to cut the file into cells makes other columns: what was said of the old ones no longer holds
const RECUTS = ["encoding", "separator", "header"]
const OF_COLUMNS = ["target", "target_kind", "columns"]

export class UploadPreviewElement extends HTMLElement {
  #options = {}
  #asked = new AbortController()
  #timer = 0
  #preview = null

  connectedCallback() {
    this.form = this.querySelector("form")
    this.keep = this.querySelector("[type=submit]")
    this.key = `upload-${this.dataset.upload}`
    const kept = JSON.parse(sessionStorage.getItem(this.key) ?? "{}")
    this.#options = kept.options ?? {}
    this.form.elements.name.value = kept.name || this.dataset.name.replace(/\.[^.]*$/, "").slice(0, 80)
    const size = Number(this.dataset.bytes)
    if (size || this.dataset.name) say(part(this, "file"), `${this.dataset.name || t("upload.nameless")} · ${bytes(size)}`)
    this.form.addEventListener("change", ({ target }) => this.#change(target))
    this.form.addEventListener("input", ({ target }) => target.name === "name" && this.#remember())
    this.form.addEventListener("submit", (event) => {
      event.preventDefault()
      this.#keepIt()
    })
    this.#look()
  }

  #change({ name, value, dataset }) {
    if (name === "name" || !(name || dataset.column)) return
    if (dataset.column) {
      const columns = { ...this.#options.columns, [dataset.column]: value }
      if (value === dataset.guess) delete columns[dataset.column]
      this.#options = { ...this.#options, columns }
    } else {
      if (RECUTS.includes(name)) for (const one of OF_COLUMNS) delete this.#options[one]
      if (name === "target" || name === "targets") delete this.#options.target_kind
      const typed = { header: () => value === "true", size: () => (/^\d+$/.test(value) ? Number(value) : value) }
      this.#options = { ...this.#options, [name]: typed[name]?.() ?? value }
      if (value === "") delete this.#options[name]
    }
    this.#remember()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#look(), PAUSE_IN_TYPING_MS)
  }

  #remember() {
    sessionStorage.setItem(this.key, JSON.stringify({ options: this.#options, name: this.form.elements.name.value }))
  }

  async #look() {
    this.#asked.abort()
    this.#asked = new AbortController()
    this.keep.disabled = true
    this.setAttribute("aria-busy", "true")
    try {
      const preview = await ask("POST", `/api/uploads/${this.dataset.upload}/preview`, { options: this.#options }, this.#asked.signal)
      this.#preview = preview
      this.#show(preview)
      this.#complain(preview.problems.map((one) => ({ path: one.path, message: sentence(one) })))
      this.keep.disabled = preview.problems.length > 0
    } catch (error) {
      if (error.name === "AbortError") return
      this.#refuse(error)
    }
    part(this, "wait").hidden = true
    this.removeAttribute("aria-busy")
  }

  #show(preview) {
    const { kind, options } = preview
    this.querySelector("aside").hidden = false
    for (const card of this.querySelectorAll("section[data-kind]")) card.hidden = card.dataset.kind !== kind
    const focused = document.activeElement?.id
    if (kind === "csv") this.#showTable(preview)
    if (kind === "npz") {
      const names = preview.arrays.map(({ name, shape, flaw }) => [name, `${name} · ${shape.join(" × ")}${flaw ? ` · ${t(`upload.flaw.${flaw}`)}` : ""}`])
      for (const one of ["inputs", "targets"]) this.#offer(one, names)
      this.form.elements.layout.closest(".field").hidden = preview.arrays.find(({ name }) => name === options.inputs)?.shape.length !== 4
    }
    if (kind === "images") part(this, "images").replaceChildren(...pictures(preview.images))
    this.#place("target_kind", kind)
    for (const [option, value] of Object.entries(options)) {
      const control = this.form.elements[option]
      if (control?.tagName && control.value !== String(value)) control.value = String(value)
    }
    part(this, "becomes").replaceChildren(...becomes(preview))
    if (focused) document.getElementById(focused)?.focus()
  }

  #showTable(preview) {
    this.#offer("target", preview.columns.map(({ name }) => [name, said(name)]))
    part(this, "columns").replaceChildren(...columnRows(preview))
    const more = preview.columns_in_all - preview.columns.length
    part(this, "more-columns").hidden = more === 0
    say(part(this, "more-columns"), t("upload.more_columns", { n: more, shown: count(preview.columns.length) }))
    const { heads, body } = firstRows(preview)
    part(this, "heads").replaceChildren(...heads)
    part(this, "rows").replaceChildren(...body)
  }

  // arrays have targets as well: one control, at home in whichever card is shown
  #place(name, kind) {
    const field = this.form.elements[name].closest(".field")
    const card = this.querySelector(kind === "npz" ? "section[data-kind=npz]" : "section[aria-labelledby=upload-what]")
    if (field.closest("section") !== card) card.querySelector(".fields").append(field)
  }

  #offer(name, pairs) {
    const select = this.form.elements[name]
    select.replaceChildren(...pairs.map(([value, text]) => make("option", { value }, text)))
  }

  #refuse(error) {
    const problems = problemsOf(error)
    const placed = this.#preview || problems.some(({ path }) => this.#lineOf(path))
    if (!this.#preview && placed) {
      // it can be read in no way that was guessed: show how it is read, so that a person can say
      for (const card of this.querySelectorAll("section[aria-labelledby=upload-how-csv]")) card.hidden = false
    }
    this.#complain(problems)
    // nothing becomes of it yet, so there is nothing to keep
    this.querySelector("aside").hidden = !this.#preview
  }

  #complain(problems) {
    for (const line of this.querySelectorAll(".problem[role=alert]")) line.hidden = true
    for (const control of this.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid")
    const list = part(this, "problems")
    list.replaceChildren()
    const refused = part(this, "refused")
    refused.hidden = true
    for (const { path, message } of problems) {
      const line = this.#lineOf(path)
      if (line) {
        line.textContent = message
        line.hidden = false
        line.closest("[data-path]").querySelector("select, input")?.setAttribute("aria-invalid", "true")
      } else if (!this.#preview) {
        say(refused, message)
        refused.hidden = false
      }
      if (this.#preview) list.append(make("p", { class: "problem" }, message))
    }
    list.hidden = !list.children.length
  }

  #lineOf(path) {
    return path ? this.querySelector(`[data-path="${CSS.escape(path)}"] .problem`) : null
  }

  async #keepIt() {
    this.keep.disabled = true
    say(this.keep, t("upload.keeping"))
    try {
      const body = { upload: this.dataset.upload, name: this.form.elements.name.value, options: this.#options }
      const { id } = await ask("POST", "/api/datasets", body)
      location.assign(`/data/${id}`)
    } catch (error) {
      this.#complain(problemsOf(error))
      this.keep.disabled = false
    }
    say(this.keep, t("upload.keep"))
  }
}

customElements.define("upload-preview", UploadPreviewElement)
