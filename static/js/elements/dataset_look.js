// <dataset-look> shows what a data set looks like, and looks again as its parameters change. They stand in the address.

import { ask } from "../api.js"
import { features, images, legend, parts, rows, texts } from "../data/looks.js"
import { problemsOf } from "../data/saying.js"
import { scatter } from "../data/scatter.js"
import { make, part } from "../dom.js"
import { said } from "../said.js"
import { fieldOf, readQuery } from "../spec_fields.js"
import { t } from "../texts.js"

const PAUSE_IN_TYPING_MS = 250
const AT_ONCE = 12
const BATCHES = [64, 32, 16, 8, 4, 2, 1]
const LEAST_STEPS = 8 // an epoch of fewer moves too little to be watched

export class DatasetLookElement extends HTMLElement {
  #timer = 0
  #asked = new AbortController()
  #shown = 0

  connectedCallback() {
    this.form = this.querySelector("form")
    this.base = part(this, "train").getAttribute("href")
    for (const type of ["input", "change"]) this.form.addEventListener(type, () => this.#changed())
    this.form.addEventListener("submit", (event) => event.preventDefault())
    part(this, "more").addEventListener("click", () => this.#more())
    this.box = part(this, "download")
    this.addEventListener("downloaded", () => this.#look())
    this.#look()
  }

  get query() {
    return readQuery([...this.form.elements].filter((one) => one.name && one.dataset.kind))
  }

  #changed() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const { query } = this
      history.replaceState(history.state, "", query.size ? `?${query}` : location.pathname)
      this.#look()
    }, PAUSE_IN_TYPING_MS)
  }

  async #look() {
    this.#asked.abort()
    this.#asked = new AbortController()
    const body = part(this, "look")
    body.setAttribute("aria-busy", "true")
    try {
      // those that were shown stay in sight
      const look = await this.#ask(0, Math.max(AT_ONCE, Math.min(100, this.#shown)), this.#asked.signal)
      this.#show(look)
      this.#complain([])
      this.#offerWords(look.wordless)
      body.removeAttribute("data-stale")
    } catch (error) {
      if (error.name === "AbortError") return
      const missing = error.problems?.find(({ key, values }) => key === "not_here" && values.source)
      if (missing && this.box) {
        this.#complain([])
        this.#offer(missing)
      } else {
        this.#complain(problemsOf(error))
      }
      body.setAttribute("data-stale", "")
    }
    part(this, "wait").hidden = true
    body.removeAttribute("aria-busy")
  }

  #ask(first, count, signal) {
    const query = this.query
    query.set("first", first)
    query.set("count", count)
    return ask("GET", `/api/datasets/${this.dataset.name}/look?${query}`, undefined, signal)
  }

  #show(look) {
    this.look = look
    this.#fill("parts", [...(look.note ? [make("p", { class: "notice small", "data-kind": "warn" }, said(look.note))] : []), ...parts(look)])
    this.#fill("plane", look.points ? [scatter(look.points, { names: look.points.curve ? [look.names[0], t("look.target")] : look.names, title: document.querySelector("h1").textContent })] : [])
    if (look.points && !look.points.all) part(this, "plane-body").append(make("p", { class: "muted small" }, t("look.some_points", { n: look.points.x.length })))
    this.#fill("samples", look.images.length ? [images(look.images)] : look.texts.length ? texts(look.texts, look.wordless) : rows(look, t("look.target")))
    this.#fill("features", [legend(), ...features(look.columns)])
    this.#offerMore(look.first + look.columns.length, look)
    this.#pointTo(look)
  }

  /** Offer to download what was looked for, in its place above all else. */
  #offer(missing) {
    part(this, "wait").before(this.box)
    this.box.classList.add("card")
    this.box.offer(missing.values.size, t("data.fetch.missing", { title: said(missing.values.title) }))
  }

  /** Offer to download the words of texts, beside the sentence that says that they are not here. */
  #offerWords(wordless) {
    if (!this.box) return
    this.box.hidden = true
    if (!wordless?.size) return
    part(this, "wordless").after(this.box)
    this.box.classList.remove("card")
    this.box.offer(wordless.size)
  }

  #fill(name, children) {
    part(this, `${name}-body`).replaceChildren(...children)
    part(this, name).hidden = children.length === 0
  }

  #offerMore(shown, { columns_in_all: all }) {
    this.#shown = shown
    const button = part(this, "more")
    button.hidden = shown >= all
    button.textContent = t("look.more", { n: Math.min(AT_ONCE, all - shown), all })
  }

  async #more() {
    const button = part(this, "more")
    button.disabled = true
    try {
      const look = await this.#ask(this.#shown, AT_ONCE)
      part(this, "features-body").append(...features(look.columns))
      this.#offerMore(look.first + look.columns.length, look)
    } catch (error) {
      this.#complain(problemsOf(error))
    }
    button.disabled = false
  }

  /** Point the way to training at a form with these parameters, and a batch that gives an epoch some steps. */
  #pointTo({ samples }) {
    const query = this.query
    const batch = BATCHES.find((size) => size * LEAST_STEPS <= samples.train) ?? 1
    if (batch !== BATCHES[0]) query.set("training.batch_size", batch)
    part(this, "train").href = `${this.base}${query.size ? `&${query}` : ""}`
  }

  #complain(problems) {
    for (const line of this.form.querySelectorAll(".field .problem")) line.hidden = true
    for (const control of this.form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid")
    const list = part(this, "problems")
    list.replaceChildren()
    for (const { path, message } of problems) {
      const control = [...this.form.elements].find((one) => one.name && one.name === fieldOf(path))
      const line = control?.closest("[data-path]").querySelector(".problem")
      if (line) {
        line.textContent = message
        line.hidden = false
        control.setAttribute("aria-invalid", "true")
        control.closest("details")?.setAttribute("open", "")
      } else {
        list.append(make("p", { class: "problem" }, message))
      }
    }
    list.hidden = !list.children.length
  }
}

customElements.define("dataset-look", DatasetLookElement)
