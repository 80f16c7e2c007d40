// What every chart element has in common: its frame, its place with the painter, cursor, zoom, menu and table.
//
// A chart says what it shows (`scene`, `readOut`, `rows`, `plotlyFigure`); everything around the canvas is here.

import { complain } from "../complain.js"
import { t } from "../texts.js"
import { showLevel, writeAxis } from "./axes.js"
import { hold, moment, zoom } from "./cursor.js"
import { formatStep, formatStepTick, formatTick } from "./format.js"
import { buildFrame, control, renewCanvas } from "./frame.js"
import { painter } from "./painter.js"
import { listen, narrowed, showCrosshair } from "./pointer.js"
import { stepEnd } from "./scale.js"
import { fillTable } from "./table.js"

const SPEAK_MS = 5000 // text for screen readers changes no more often: it would never be read to its end
const STORE_EVENTS = ["snapshot", "status", "numbers", "captures", "event"]
// a page that only watches loads none of this
const WHEN_ASKED = {
  explore: async (chart) => (await import("./explore.js")).explore(chart),
  png: async (chart) => (await import("./export.js")).savePng(chart),
  svg: async (chart) => (await import("./export.js")).saveSvg(chart),
  csv: async (chart) => (await import("./export.js")).saveCsv(chart),
}

export class ChartElement extends HTMLElement {
  static observedAttributes = ["x", "y", "smoothing", "heading", "title-key"]

  #store = null
  #heard = null
  #listening = null
  #resized = null
  #spoke = 0
  #level = null
  #speaking = 0

  parts = null
  view = null
  size = { width: 0, height: 0 }

  /** The RunStore whose numbers are shown; the page's script sets it, before or after the element is there. */
  get store() {
    return this.#store
  }

  set store(store) {
    this.#heard?.abort()
    this.#store = store
    if (!store || !this.isConnected) return
    this.#heard = new AbortController()
    for (const name of STORE_EVENTS) {
      store.addEventListener(name, (event) => this.hears(name, event.detail), { signal: this.#heard.signal })
    }
    this.storeChanged()
    this.want()
  }

  /** A value that all is compared with, drawn as a line across: {value, text}; null for none. */
  get level() {
    return this.#level
  }

  set level(level) {
    if (JSON.stringify(level) === JSON.stringify(this.#level)) return
    this.#level = level
    this.want()
  }

  connectedCallback() {
    this.#listening = new AbortController()
    const signal = this.#listening.signal
    this.parts = buildFrame(this, { title: this.chartTitle, menu: this.menu() })
    const { plot, handle, selection, menu, table } = this.parts
    listen({
      plot,
      handle,
      selection,
      signal,
      frame: () => (this.view?.stepAxis ? this.view : null), // over a chart without steps a pointer moves no cursor
      last: () => this.lastStep,
      next: (step, direction) => this.nextStep(step, direction),
    })
    document.addEventListener("cursor", () => this.cursorMoved(), { signal })
    document.addEventListener("zoom", () => this.zoomed(), { signal })
    document.addEventListener("pointerdown", ({ target }) => menu.contains(target) || (menu.open = false), { signal })
    menu.addEventListener("keydown", ({ key }) => key === "Escape" && this.#closeMenu(), { signal })
    menu.addEventListener("input", ({ target }) => this.chose(target.name, target), { signal })
    menu.addEventListener("click", ({ target }) => target.matches("button") && this.#act(target.name), { signal })
    this.parts.unzoom.addEventListener("click", () => zoom(null), { signal })
    this.parts.expand.addEventListener("click", () => this.#act("explore"), { signal })
    table.addEventListener("toggle", () => this.#fillTable(), { signal })
    this.#resized = new ResizeObserver(([{ contentRect }]) => {
      this.size = { width: Math.round(contentRect.width), height: Math.round(contentRect.height) }
      this.want()
    })
    this.#resized.observe(plot)
    painter.add(this, this.parts.canvas)
    const early = Object.hasOwn(this, "store") ? this.store : this.#store // set before this class was known
    delete this.store
    this.showSettings()
    this.zoomed()
    this.store = early
  }

  disconnectedCallback() {
    this.#listening.abort()
    this.#heard?.abort()
    this.#resized.disconnect()
    painter.remove(this)
    this.view = null
  }

  attributeChangedCallback(name) {
    if (!this.parts) return
    if (name === "heading" || name === "title-key") this.parts.title.textContent = this.chartTitle
    this.showSettings()
    this.want()
  }

  /** Ask to be drawn when there is time. */
  want() {
    painter.want(this)
  }

  /** The painter has lost our canvas. */
  renew() {
    painter.remove(this)
    renewCanvas(this.parts)
    painter.add(this, this.parts.canvas)
  }

  /** The painter has drawn: put the labels where it drew the lines. */
  framed(view) {
    if (!this.parts) return
    this.view = view
    const { axisX, axisY, empty, figure } = this.parts
    const values = (step) => (value) => formatTick(value, step ?? 0)
    writeAxis(axisX, view.x, view.xTicks, view.stepAxis === "x" ? formatStepTick : values(view.xStep))
    writeAxis(axisY, view.y, view.yTicks, view.stepAxis === "y" ? formatStepTick : values(view.yStep))
    const isEmpty = this.isEmpty
    figure.classList.toggle("is-empty", isEmpty)
    if (isEmpty) empty.textContent = t(this.#store?.state?.ended ? "charts.nothing" : "charts.waiting")
    showCrosshair(this.parts.crosshair, view, moment.step)
    showLevel(this.parts, view.y, this.#level)
    this.#speak()
  }

  cursorMoved() {
    const { crosshair, tag, handle } = this.parts
    showCrosshair(crosshair, this.view, moment.step)
    crosshair.classList.toggle("is-held", moment.held !== null)
    if (moment.step !== null) tag.textContent = this.stepText(moment.step)
    if (document.activeElement === handle) this.#speakAtCursor()
    this.readOut()
  }

  zoomed() {
    this.parts.unzoom.hidden = !moment.zoom
    this.want()
  }

  /** The newest step that the run has reached. */
  get lastStep() {
    return this.#store?.state?.step ?? 0
  }

  /** The range of steps on the chart: the zoom, or the whole run. */
  get stepsShown() {
    if (moment.zoom) return moment.zoom
    const state = this.#store?.state
    const last = this.lastStep
    return [0, state?.ended ? Math.max(1, last) : stepEnd(last, state?.steps || Infinity)]
  }

  get marks() {
    return (this.#store?.state?.marks ?? []).map(({ step, kind }) => ({ step, kind }))
  }

  /** The mark under the cursor, if one is within a few pixels. */
  get markAtCursor() {
    const view = this.view
    if (moment.step === null || view?.stepAxis !== "x") return null
    const reach = ((view.x.domain[1] - view.x.domain[0]) / (view.x.range[1] || 1)) * 5
    return (this.#store?.state?.marks ?? []).findLast(({ step }) => step <= view.x.domain[1] && Math.abs(step - moment.step) <= reach) ?? null
  }

  get chartTitle() {
    const key = this.getAttribute("title-key")
    return this.getAttribute("heading") ?? (key ? t(key) : this.defaultTitle)
  }

  get runId() {
    return this.#store?.state?.id ?? ""
  }

  /** Entries that every chart has at the end of its menu. */
  get commonMenu() {
    return [
      { name: "log-x", text: t("charts.log_x"), kind: "check" },
      { name: "zoom-in", text: t("charts.zoom_in") },
      { name: "png", text: t("charts.png") },
      { name: "svg", text: t("charts.svg") },
      { name: "csv", text: t("charts.csv") },
    ]
  }

  /** A control of the menu was turned: settings live in attributes, where the page can set them too. */
  chose(name, input) {
    if (name === "log-x") this.setAttribute("x", input.checked ? "log" : "linear")
  }

  showSettings() {
    control(this.parts, "log-x").checked = this.getAttribute("x") === "log"
  }

  // what a chart may leave as it is
  storeChanged() {}
  seen() {}
  readOut() {}
  stepText(step) {
    return formatStep(step)
  }
  nextStep(step, direction) {
    return step + direction
  }

  async #act(name) {
    if (name !== "explore") this.#closeMenu()
    if (name === "zoom-in" && this.view) zoom(narrowed(this.view, moment.step ?? this.lastStep, 0.5, this.lastStep))
    if (name === "release") hold(null)
    if (!WHEN_ASKED[name]) return
    try {
      await WHEN_ASKED[name](this)
    } catch (problem) {
      complain(problem)
    }
  }

  #closeMenu() {
    this.parts.menu.open = false
    this.parts.menu.querySelector("summary").focus({ preventScroll: true })
  }

  #speakAtCursor() {
    const { handle } = this.parts
    handle.setAttribute("aria-valuemax", String(this.lastStep))
    handle.setAttribute("aria-valuenow", String(moment.step ?? this.lastStep))
    handle.setAttribute("aria-valuetext", this.spoken(moment.step))
  }

  #speak() {
    const now = performance.now()
    clearTimeout(this.#speaking)
    if (this.#spoke && now - this.#spoke < SPEAK_MS) {
      // what was drawn last may be the last for long: it is said all the same
      this.#speaking = setTimeout(() => this.isConnected && this.#speak(), SPEAK_MS - (now - this.#spoke))
      return
    }
    this.#spoke = now
    this.parts.canvas.setAttribute("aria-label", this.spoken(null))
    this.#speakAtCursor()
    if (this.parts.table.open) this.#fillTable()
  }

  #fillTable() {
    if (this.parts.table.open) fillTable(this.parts.tableBody, this.rows())
  }
}
