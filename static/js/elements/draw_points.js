// <draw-points> sets points on a plane by pointer, by keys or as text, and keeps them as a data set.
// What is drawn is remembered for as long as the tab lives.

import { ask } from "../api.js"
import { mark, svg } from "../data/marks.js"
import { MOST, REACH, fromText, nearest, rounded, toTable, toText } from "../data/points.js"
import { problemsOf } from "../data/saying.js"
import { send } from "../data/uploading.js"
import { part, say } from "../dom.js"
import { t } from "../texts.js"

const KEY = "livefit_drawn"
const UNITS = 100 / REACH // of the picture, for one of the plane
const APART = 0.55 // between points of one stroke
const ERASED = 0.6
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }
const MOST_UNDONE = 50

export class DrawPointsElement extends HTMLElement {
  #points = []
  #before = []
  #cursor = { x: 0, y: 0 }
  #stroke = null

  connectedCallback() {
    this.form = this.querySelector("form")
    this.plane = this.querySelector(".plane")
    this.text = this.querySelector("textarea")
    this.#drawGrid()
    this.plane.addEventListener("pointerdown", (event) => this.#begin(event))
    this.plane.addEventListener("pointermove", (event) => this.#stroke && this.#drag(event))
    for (const type of ["pointerup", "pointercancel"]) this.plane.addEventListener(type, () => (this.#stroke = null))
    this.plane.addEventListener("keydown", (event) => this.#key(event))
    for (const type of ["focus", "blur"]) this.plane.addEventListener(type, () => this.#moveTo(this.#cursor))
    this.text.addEventListener("input", () => this.#read())
    this.form.addEventListener("change", ({ target }) => target.name === "curve" && this.#show())
    this.form.addEventListener("click", ({ target }) => this.#act(target.closest("[data-act]")?.dataset.act))
    this.form.addEventListener("submit", (event) => {
      event.preventDefault()
      this.#keep()
    })
    this.#remembered()
  }

  get curve() {
    return this.form.elements.curve.checked
  }

  get brush() {
    return this.form.elements.brush.value
  }

  async #remembered() {
    const from = new URLSearchParams(location.search).get("from")
    if (from) return this.#load(from)
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "{}")
    this.form.elements.curve.checked = Boolean(kept.curve)
    if (kept.name) this.form.elements.name.value = kept.name
    this.#set(kept.points ?? [])
  }

  async #load(id) {
    try {
      const [meta, { points }] = await Promise.all([ask("GET", `/api/datasets/${id}`), ask("GET", `/api/datasets/${id}/look`)])
      this.form.elements.name.value = meta.name
      this.form.elements.curve.checked = points.curve
      this.#set(points.x.map((x, at) => ({ x: rounded(x), y: rounded(points.y[at]), kind: points.kind ? points.kind[at] + 1 : 1 })))
    } catch (error) {
      this.#complain(problemsOf(error)[0].message)
    }
  }

  #begin(event) {
    if (event.button !== 0) return
    event.preventDefault()
    this.plane.focus({ preventScroll: true })
    this.plane.setPointerCapture(event.pointerId)
    const at = this.#placeOf(event)
    this.#keepForUndo()
    this.#stroke = at
    this.#moveTo(at)
    this.#put(at)
  }

  #drag(event) {
    const at = this.#placeOf(event)
    if (this.brush !== "erase" && Math.hypot(at.x - this.#stroke.x, at.y - this.#stroke.y) < APART) return
    this.#stroke = at
    const spread = Number(this.form.elements.spread.value) / 4
    const angle = Math.random() * 2 * Math.PI
    const away = this.brush === "erase" ? 0 : Math.sqrt(Math.random()) * spread
    this.#put({ x: at.x + away * Math.cos(angle), y: at.y + away * Math.sin(angle) })
  }

  #put({ x, y }) {
    if (this.brush === "erase") {
      const hit = nearest(this.#points, x, y, ERASED)
      if (hit >= 0) this.#set(this.#points.filter((_, place) => place !== hit))
    } else if (this.#points.length < MOST) {
      this.#set([...this.#points, { x: rounded(x), y: rounded(y), kind: Number(this.brush) }])
    }
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const step = event.shiftKey ? 0.1 : 0.5
    const { x, y } = this.#cursor
    const remove = () => this.#set(this.#points.filter((_, place) => place !== nearest(this.#points, x, y)))
    const put = () => this.#put(this.#cursor)
    const acts = { Enter: put, " ": put, Delete: remove, Backspace: remove }
    if (STEPS[event.key]) {
      const [across, up] = STEPS[event.key]
      this.#moveTo({ x: rounded(x + across * step), y: rounded(y + up * step) })
    } else if (acts[event.key]) {
      this.#keepForUndo()
      acts[event.key]()
      this.#moveTo(this.#cursor)
    } else if (/^[1-4]$/.test(event.key)) {
      this.form.elements.brush.value = event.key
      this.#moveTo(this.#cursor)
    } else {
      return
    }
    event.preventDefault()
  }

  #moveTo({ x, y }) {
    this.#cursor = { x: rounded(x), y: rounded(y) }
    const cursor = part(this, "cursor")
    cursor.toggleAttribute("hidden", !this.plane.matches(":focus-visible"))
    cursor.setAttribute("transform", `translate(${x * UNITS} ${-y * UNITS})`)
    say(part(this, "at"), t("draw.at", { x: this.#cursor.x, y: this.#cursor.y, n: this.#points.length }))
  }

  #act(what) {
    if (what === "clear" && this.#points.length) {
      this.#keepForUndo()
      this.#set([])
    }
    if (what === "undo" && this.#before.length) this.#set(this.#before.pop())
  }

  #keepForUndo() {
    this.#before = [...this.#before.slice(1 - MOST_UNDONE), this.#points]
  }

  #read() {
    const { points, line } = fromText(this.text.value)
    const problem = part(this, "text-problem")
    problem.hidden = line === undefined
    this.text.toggleAttribute("aria-invalid", line !== undefined)
    if (line !== undefined) return say(problem, t("draw.text.bad", { line, reach: REACH, most: MOST }))
    this.#keepForUndo()
    this.#points = points
    this.#show(false)
  }

  #set(points) {
    this.#points = points
    this.#show()
  }

  #show(writes = true) {
    const { curve } = this
    this.querySelector(".brushes").toggleAttribute("data-curve", curve)
    part(this, "points").replaceChildren(...this.#points.map(({ x, y, kind }) => mark(curve ? 0 : kind - 1, x * UNITS, -y * UNITS, 0.62)))
    if (writes) this.text.value = toText(this.#points, curve)
    const counts = [1, 2, 3, 4].map((kind) => this.#points.filter((one) => one.kind === kind).length)
    const each = counts.map((n, at) => (n ? t("draw.of_class", { count: n, n: at + 1 }) : "")).filter(Boolean).join(", ")
    const n = this.#points.length
    say(part(this, "count"), n ? [t("draw.points", { n }), curve ? "" : each].filter(Boolean).join(": ") : t("draw.none"))
    this.querySelector("[type=submit]").disabled = !n
    this.querySelector("[data-act=undo]").disabled = !this.#before.length
    sessionStorage.setItem(KEY, JSON.stringify({ points: this.#points, curve, name: this.form.elements.name.value }))
  }

  async #keep() {
    const button = this.querySelector("[type=submit]")
    const { curve } = this
    const name = this.form.elements.name.value
    button.disabled = true
    this.#complain("")
    try {
      const { id: upload } = await send(new Blob([toTable(this.#points, curve)]), `${name || "points"}.csv`)
      const kinds = curve ? { target: "y", target_kind: "number" } : { target: "class", target_kind: "classes" }
      const options = { encoding: "utf-8", separator: "comma", decimal: "point", header: true, columns: { 0: "number", 1: "number" }, ...kinds }
      const { id } = await ask("POST", "/api/datasets", { upload, name, options, drawn: true })
      location.assign(`/data/${id}`)
    } catch (error) {
      this.#complain(problemsOf(error)[0].message)
    }
    button.disabled = false
  }

  #complain(text) {
    const line = part(this, "problem")
    say(line, text)
    line.hidden = !text
  }

  #placeOf({ clientX, clientY }) {
    const at = new DOMPoint(clientX, clientY).matrixTransform(this.plane.getScreenCTM().inverse())
    return { x: rounded(at.x / UNITS), y: rounded(-at.y / UNITS) }
  }

  #drawGrid() {
    const lines = []
    for (let at = -REACH; at <= REACH; at += 2) {
      const kind = at === 0 ? "axis" : null
      lines.push(svg("path", { class: kind, d: `M${at * UNITS} -100V100` }), svg("path", { class: kind, d: `M-100 ${at * UNITS}H100` }))
    }
    this.querySelector(".grid").replaceChildren(...lines)
    for (const [place, one] of this.querySelectorAll(".brushes svg").entries()) one.replaceChildren(mark(place, 0, 0))
  }
}

customElements.define("draw-points", DrawPointsElement)
