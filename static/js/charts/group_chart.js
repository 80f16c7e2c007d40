// <group-chart name="validation.loss"> shows one series of several runs: a line and a band for each variant, a thin line for
// each run. Its store is a GroupStore; `band` is "range", "std" or "none"; `lines` shows the runs.

import { make, say } from "../dom.js"
import { nameOf, spreadText, valueText } from "../groups/metrics.js"
import { looksOf } from "../groups/variant_looks.js"
import { t } from "../texts.js"
import { ChartElement } from "./chart_element.js"
import { DASHES } from "./colours.js"
import { moment } from "./cursor.js"
import { formatStep } from "./format.js"
import { control, swatch } from "./frame.js"
import { cut, nextStep, readAt, thinned } from "./lookup.js"
import { nearest } from "./nearest.js"
import { stepEnd } from "./scale.js"

const TABLE_ROWS = 100
const NEAR_PX = 14
const MOST_BANDS = 6 // more bands over one another are a grey carpet

export class GroupChartElement extends ChartElement {
  static observedAttributes = [...ChartElement.observedAttributes, "name", "band", "lines"]

  #rows = [] // variant -> {button, value}
  #looks = [] // of each variant: its colour, and its dash, which differs too
  #near = null // {variant, run} under the pointer
  #pointed = null // the variant whose name is pointed at
  #pointing = null

  connectedCallback() {
    super.connectedCallback()
    this.#pointing = new AbortController()
    const { signal } = this.#pointing
    this.parts.plot.addEventListener("pointermove", (event) => this.#look(event), { signal })
    this.parts.plot.addEventListener("pointerleave", () => this.#look(null), { signal })
  }

  disconnectedCallback() {
    this.#pointing.abort()
    super.disconnectedCallback()
  }

  hears(kind, detail) {
    if (kind === "numbers" && !detail.names.has(this.name)) return
    if (kind === "snapshot") this.#fillLegend()
    this.want()
  }

  storeChanged() {
    this.store.addEventListener("alone", () => this.#showAlone())
    this.#fillLegend()
  }

  menu() {
    return [
      { name: "smoothing", text: t("charts.smoothing"), kind: "range" },
      { name: "log-y", text: t("charts.log_y"), kind: "check" },
      ...this.commonMenu,
    ]
  }

  chose(name, input) {
    if (name === "smoothing") this.setAttribute("smoothing", input.value)
    if (name === "log-y") this.setAttribute("y", input.checked ? "log" : "linear")
    super.chose(name, input)
  }

  showSettings() {
    super.showSettings()
    control(this.parts, "log-y").checked = this.getAttribute("y") === "log"
    control(this.parts, "smoothing").value = String(this.smoothing)
  }

  get name() {
    return this.getAttribute("name") ?? ""
  }

  get band() {
    return this.getAttribute("band") ?? "range"
  }

  get smoothing() {
    return Math.min(0.99, Math.max(0, Number(this.getAttribute("smoothing")) || 0))
  }

  get defaultTitle() {
    const words = nameOf(this.name)
    return words[0].toUpperCase() + words.slice(1)
  }

  get axisTitle() {
    return t(this.store?.axis === "epoch" ? "groups.axis.epoch" : "charts.step")
  }

  get lastStep() {
    return Math.max(0, ...this.#variants().map(({ series }) => series.start.at(-1) ?? 0))
  }

  get stepsShown() {
    if (moment.zoom) return moment.zoom
    const { ended, steps } = this.store?.state ?? {}
    return [0, ended ? Math.max(1, this.lastStep) : stepEnd(this.lastStep, steps || Infinity)]
  }

  get isEmpty() {
    return this.#variants().length === 0
  }

  /** What is drawn, as labels and looks: for a legend in an export or in Plotly. */
  get legend() {
    return this.#drawn().map(({ at, label }) => ({ name: label, label, ...this.#looks[at] }))
  }

  csv() {
    const { head, body } = this.rows(Infinity)
    return [head, ...body].map((cells) => cells.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(",")).join("\n")
  }

  scene() {
    if (!this.size.width || !this.size.height) return null
    const scene = this.sceneAt(this.size, window.devicePixelRatio || 1)
    this.readOut()
    const drawn = [...scene.series, ...scene.ghosts]
    return { scene, transfer: drawn.flatMap(({ start, min, max, mean, bad }) => [start, min, max, mean, bad].map(({ buffer }) => buffer)) }
  }

  /** What to draw at a size; every array is a copy that may be given away. */
  sceneAt({ width, height }, ratio) {
    const steps = this.stepsShown
    const shown = this.#drawn()
    const isCrowded = shown.length > MOST_BANDS
    const colourOf = (at) => this.#looks[at].colour
    const thin = (series, at) => ({ ...cut(series, steps), colour: colourOf(at), isRun: true })
    const runs = this.hasAttribute("lines") && !isCrowded ? shown.flatMap(({ at, runs }) => (runs.length > 1 ? this.#lines(runs).map((one) => thin(one, at)) : [])) : []
    const others = this.#variants().filter(({ at }) => !shown.some((one) => one.at === at))
    return {
      kind: "curves",
      width,
      height,
      ratio,
      steps,
      series: shown.map(({ series, at }) => ({ ...cut(isCrowded ? meanOf(series) : series, steps), ...this.#looks[at], isBand: series.isBand && !isCrowded })),
      xKind: this.getAttribute("x") === "log" ? "log" : "linear",
      yKind: this.getAttribute("y") === "log" ? "log" : "linear",
      smoothing: this.smoothing,
      marks: [],
      // what is not looked or pointed at stays as a shadow, so that the axes keep still
      ghosts: [...runs, ...others.map(({ series, at }) => ({ ...cut(meanOf(series), steps), colour: colourOf(at) }))],
    }
  }

  /** Values beside the names: at the cursor, or the last ones; and which run the pointer is near. */
  readOut() {
    const known = new Map(this.#variants().map((one) => [one.at, one]))
    this.#rows.forEach(({ button, value }, at) => {
      say(value, known.has(at) ? this.#told(known.get(at).series, moment.step) : "\u2013")
      button.classList.toggle("is-near", this.#near?.at === at)
    })
    say(this.parts.note, this.#note())
  }

  nextStep(step, direction) {
    return nextStep(this.#shown().map(({ series }) => series), step, direction)
  }

  /** One sentence for a screen reader. */
  spoken(step) {
    const parts = this.#shown().map(({ label, series }) => `${label} ${this.#told(series, step)}`)
    return `${this.chartTitle}. ${this.#where(step ?? this.lastStep)}: ${parts.join("; ") || t("charts.waiting")}`
  }

  rows(most = TABLE_ROWS) {
    const shown = this.#shown()
    const longest = shown.map(({ series }) => series).sort((a, b) => b.start.length - a.start.length)[0]
    const steps = longest ? thinned(longest.start.length, most).map((index) => longest.start[index]) : []
    return {
      head: [this.axisTitle, ...shown.map(({ label }) => label)],
      body: steps.reverse().map((step) => [formatStep(step), ...shown.map(({ series }) => this.#told(series, step))]),
    }
  }

  async plotlyFigure() {
    return (await import("./plotly_figures.js")).curvesFigure(this)
  }

  /** Every variant that has this series: where it stands among all, its label, its runs, its spread. */
  #variants() {
    const { store } = this
    if (!store) return []
    return store.variants.flatMap(({ label, runs }, at) => {
      const series = store.spread(at, this.name, this.band)
      return series ? [{ at, label: label || t("groups.variant.only"), runs, series }] : []
    })
  }

  #shown() {
    const { alone } = this.store ?? { alone: null }
    return this.#variants().filter(({ at }) => alone === null || at === alone)
  }

  /** Those in front: of what is shown the one that is pointed at, in a crowd also by its line. */
  #drawn() {
    const shown = this.#shown()
    const raised = shown.find(({ at }) => at === (this.#pointed ?? (shown.length > MOST_BANDS ? this.#near?.at : undefined)))
    return raised ? [raised] : shown
  }

  #lines(runs) {
    return runs.map((run) => this.store.line(run, this.name)).filter(Boolean)
  }

  #told(series, step) {
    if (!readAt(series, step)) return "\u2013"
    const index = step === null ? this.#newest(series) : series.start.findLastIndex((one) => one <= step)
    return spreadText(this.name, series.mean[index], series.std[index])
  }

  /** The newest place; while runs are on their way, the newest that all of them have reached. */
  #newest({ start, runs }) {
    const last = start.length - 1
    if (this.store.state.ended || !runs) return last
    const most = runs.reduce((one, other) => Math.max(one, other), 0)
    return Math.max(0, runs.findLastIndex((count) => count === most))
  }

  #where(step) {
    return t(this.store?.axis === "epoch" ? "groups.at_epoch" : "charts.at_step", { step: formatStep(step) })
  }

  #note() {
    if (this.#near) {
      const { label, run, value } = this.#near
      const who = this.store.cards.get(run)?.name || label
      return t("groups.near", { who, value: valueText(this.name, value) })
    }
    const most = Math.max(0, ...this.#variants().map(({ runs }) => runs.length))
    if (most < 2) return t("groups.note.single")
    if (this.#shown().length > MOST_BANDS) return t("groups.note.crowded")
    return t(this.hasAttribute("lines") ? `groups.note.${this.band}.lines` : `groups.note.${this.band}`)
  }

  /** Find the run whose line is nearest to the pointer, if one is within reach. */
  #look(event) {
    const { view } = this
    let near = null
    if (event && view) {
      const box = this.parts.plot.getBoundingClientRect()
      const lines = this.#shown().flatMap(({ at, label, runs }) =>
        runs.map((run) => ({ at, label, run, series: this.store.line(run, this.name) })).filter(({ series }) => series))
      near = nearest(lines, view, { x: event.clientX - box.left, y: event.clientY - box.top }, NEAR_PX)
    }
    const isOther = near?.at !== this.#near?.at
    this.#near = near
    this.readOut()
    if (isOther && this.#shown().length > MOST_BANDS) this.want()
  }

  #fillLegend() {
    if (!this.store || !this.parts) return
    this.parts.handle.setAttribute("aria-label", `${this.chartTitle}: ${this.axisTitle}`)
    this.#looks = looksOf(this.store.variants)
    this.#rows = this.store.variants.map(({ label, runs }, at) => {
      const { colour, dash } = this.#looks[at]
      const value = make("span", { class: "chart-value", "aria-hidden": "true" })
      const count = runs.length > 1 ? make("span", { class: "chart-name" }, `\u00d7${runs.length}`) : null
      const button = make("button", { type: "button", title: t("groups.alone"), "aria-pressed": "false" }, swatch(colour, DASHES[dash]),
        make("span", { class: "chart-name" }, label || t("groups.variant.only")), count, value)
      button.addEventListener("click", () => this.store.isolate(at))
      for (const [type, pointed] of [["pointerenter", at], ["focus", at], ["pointerleave", null], ["blur", null]]) button.addEventListener(type, () => this.#point(pointed))
      return { button, value }
    })
    this.parts.legend.replaceChildren(...this.#rows.map(({ button }) => button))
    this.parts.legend.classList.toggle("is-long", this.#rows.length > 8)
    this.#showAlone()
  }

  /** Bring the variant whose name is pointed at to the front; null for none. */
  #point(at) {
    this.#pointed = at
    this.want()
  }

  #showAlone() {
    this.#rows.forEach(({ button }, at) => {
      button.setAttribute("aria-pressed", String(this.store.alone === at))
      button.classList.toggle("is-pale", this.store.alone !== null && this.store.alone !== at)
    })
    this.want()
  }
}

function meanOf(series) {
  return { ...series, min: series.mean, max: series.mean }
}

customElements.define("group-chart", GroupChartElement)
