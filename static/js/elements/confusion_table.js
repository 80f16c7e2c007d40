// <confusion-table> shows which class was answered for which: counts with their shares of the row, at the page's moment.

import { classNames, matrixOf, mistakes } from "../answers.js"
import { formatShare, formatStep } from "../charts/format.js"
import { Shot } from "../charts/shot.js"
import { make, say } from "../dom.js"
import { t } from "../texts.js"

const SMALL_UP_TO = 4 // classes that leave room for large cells
const WIDE_FROM = 7 // classes that want more room than the chart beside them
const BOTH_UP_TO = 12 // classes for which count and share both fit into a cell
let lastId = 0

export class ConfusionTableElement extends HTMLElement {
  #store = null
  #part = ""
  #shot = new Shot("confusion", () => this.#want())
  #asked = false
  #built = "" // what the grid was built for
  #cells = []
  #edges = { recall: [], precision: [], accuracy: null }
  #matrix = null
  #names = []
  #listening = null

  connectedCallback() {
    this.#listening = new AbortController()
    const { signal } = this.#listening
    const id = `confusion-${++lastId}`
    const title = make("h3", { id, class: "chart-title" }, t("answers.confusion"))
    this.labels = make("select", { "aria-label": t("answers.label"), hidden: true })
    this.shares = make("button", { type: "button", class: "quiet", "aria-pressed": "false" }, t("answers.shares"))
    this.scroll = make("div", { class: "matrix-scroll", tabindex: "0", role: "region", "aria-labelledby": id })
    this.note = make("p", { class: "matrix-note" })
    const head = make("div", { class: "chart-head" }, title, this.labels, this.shares)
    this.replaceChildren(make("figure", { class: "chart", role: "group", "aria-labelledby": id }, head, this.scroll, this.note))
    document.addEventListener("cursor", () => this.#shot.moved(), { signal })
    this.labels.addEventListener("change", () => this.#want())
    this.shares.addEventListener("click", () => {
      this.shares.setAttribute("aria-pressed", String(this.shares.getAttribute("aria-pressed") !== "true"))
      this.#want()
    })
    this.scroll.addEventListener("pointerover", ({ target }) => this.#tell(target.closest("td[data-answer]")))
    this.scroll.addEventListener("pointerleave", () => this.#tell(null))
    if (this.#store) this.show(this.#store, this.#part)
  }

  disconnectedCallback() {
    this.#listening.abort()
    this.#shot.stop()
  }

  /** Show what is captured of a part of the data: validation, test. */
  show(store, part) {
    this.#store = store
    this.#part = part
    if (!this.isConnected) return
    this.#shot.follow(store, part)
    this.#shot.load()
  }

  /** Captures have come. */
  heard() {
    this.#want()
  }

  get #isShares() {
    return this.shares.getAttribute("aria-pressed") === "true"
  }

  #want() {
    if (this.#asked || !this.isConnected) return
    this.#asked = true
    requestAnimationFrame(() => {
      this.#asked = false
      if (this.isConnected) this.#draw()
    })
  }

  #draw() {
    const shot = this.#shot.now
    const { plan } = this.#store.state
    const names = classNames(plan)
    const isOfLabels = shot?.shape.length === 3
    this.labels.hidden = !isOfLabels
    if (isOfLabels && this.labels.options.length !== names.length) {
      this.labels.replaceChildren(...names.map((name, index) => make("option", { value: index }, name)))
    }
    this.#names = isOfLabels ? [t("answers.not_there"), t("answers.there")] : names
    this.#matrix = shot && matrixOf(shot, Number(this.labels.value) || 0)
    this.classList.toggle("is-empty", !shot)
    if (this.#matrix) this.#fill(this.#matrix)
    if (shot) this.#tell(this.scroll.querySelector("td[data-answer]:hover"))
    else say(this.note, t("answers.not_yet"))
  }

  #fill(matrix) {
    const { size, rows, shares, recall, precision, accuracy } = matrix
    const hasBoth = size <= BOTH_UP_TO
    const key = `${size} ${this.#names.join("\n")}`
    if (this.#built !== key) this.#build(key)
    const isShares = this.#isShares
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const cell = this.#cells[row * size + column]
        const isNone = rows[row][column] === 0
        const [count, share] = [formatStep(rows[row][column]), formatShare(shares[row][column])]
        say(cell.firstChild, isShares && !isNone ? share : count)
        if (hasBoth) say(cell.lastChild, isNone ? "" : isShares ? count : share)
        // what is rare must be seen too
        const strength = isNone ? "0" : (0.2 + 0.8 * Math.sqrt(shares[row][column])).toFixed(3)
        if (cell.dataset.share !== strength) {
          cell.dataset.share = strength
          cell.style.setProperty("--share", strength)
        }
        cell.classList.toggle("is-none", isNone)
      }
    }
    this.#edges.recall.forEach((cell, index) => sayShare(cell, recall[index]))
    this.#edges.precision.forEach((cell, index) => sayShare(cell, precision[index]))
    sayShare(this.#edges.accuracy, accuracy)
  }

  #build(key) {
    this.#built = key
    const names = this.#names
    const places = [...names.keys()]
    const cell = (row, column) => {
      const td = make("td", { class: row === column ? "is-right" : "is-wrong", "data-truth": row, "data-answer": column }, make("b", {}))
      if (names.length <= BOTH_UP_TO) td.append(make("span", {}))
      return td
    }
    const edge = () => make("td", { class: "edge" }, make("span", {}), make("span", { class: "unit" }))
    const named = (scope, name) => make("th", { scope, title: name }, make("span", {}, name))
    const body = places.map((row) => ({ cells: places.map((column) => cell(row, column)), recall: edge() }))
    this.#cells = body.flatMap(({ cells }) => cells)
    this.#edges = { recall: body.map(({ recall }) => recall), precision: places.map(edge), accuracy: edge() }
    const { accuracy } = this.#edges
    accuracy.title = t("answers.accuracy")
    accuracy.prepend(make("span", { class: "visually-hidden" }, `${t("answers.accuracy")} `))
    const corner = make("td", { class: "corner" }, make("span", {}, `${t("answers.answered")} \u2192`), make("span", {}, `${t("answers.true")} \u2193`))
    const head = make("tr", {}, corner, ...names.map((name) => named("col", name)), make("th", { scope: "col", class: "edge" }, t("answers.recall")))
    const foot = make("tr", {}, make("th", { scope: "row", class: "edge" }, t("answers.precision")), ...this.#edges.precision, this.#edges.accuracy)
    const lines = body.map(({ cells, recall }, row) => make("tr", {}, named("row", names[row]), ...cells, recall))
    const isTall = names.length > 5 && names.some((name) => name.length > 4)
    const caption = make("caption", { class: "visually-hidden" }, t("answers.caption"))
    const looks = { "is-tall": isTall, "is-small": names.length <= SMALL_UP_TO, "is-large": names.length > BOTH_UP_TO }
    const classes = Object.keys(looks).filter((name) => looks[name])
    this.classList.toggle("is-wide", names.length >= WIDE_FROM)
    this.classList.toggle("is-full", names.length > BOTH_UP_TO)
    const table = make("table", { class: ["matrix", ...classes].join(" ") }, caption,
      make("thead", {}, head), make("tbody", {}, ...lines), make("tfoot", {}, foot))
    this.scroll.replaceChildren(table)
  }

  #summary({ step }) {
    const parts = [t(`answers.of.${this.#part}`, { step: formatStep(step), n: formatStep(this.#matrix.total) })]
    const [worst] = mistakes(this.#matrix, 1)
    if (worst) parts.push(t("answers.worst", { truth: this.#names[worst.truth], answer: this.#names[worst.answer], n: formatStep(worst.count) }))
    else parts.push(t("answers.no_mistakes"))
    return parts.join(" \u00b7 ")
  }

  #tell(cell) {
    const shot = this.#shot.now
    if (!shot || !this.#matrix) return
    if (!cell) {
      say(this.note, this.#summary(shot))
      return
    }
    const [truth, answer] = [Number(cell.dataset.truth), Number(cell.dataset.answer)]
    const { rows, shares, there } = this.#matrix
    say(this.note, t("answers.cell", {
      all: formatStep(there[truth]), truth: this.#names[truth], n: formatStep(rows[truth][answer]), share: formatShare(shares[truth][answer]), answer: this.#names[answer],
    }))
  }
}

/** Write a share with its sign apart, which a narrow table leaves out. */
function sayShare(cell, share) {
  const [number, sign] = formatShare(share).split(" ")
  say(cell.lastChild.previousSibling, number)
  say(cell.lastChild, sign ? ` ${sign}` : "")
}

customElements.define("confusion-table", ConfusionTableElement)
