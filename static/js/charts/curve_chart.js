// <curve-chart names="loss.data train.loss"> shows series of numbers over steps.
//
// names: apart by spaces, or by commas where a name has a space; "gradient_norm.*" takes all that begin so.
// axis="rates": labels of learning rates in place of steps, as a learning-rate finder is read.

import { make, say } from "../dom.js"
import { said } from "../said.js"
import { t } from "../texts.js"
import { ChartElement } from "./chart_element.js"
import { moment } from "./cursor.js"
import { DASHES } from "./colours.js"
import { formatStep, formatValue } from "./format.js"
import { control, swatch } from "./frame.js"
import { cut, nextStep, readAt, thinned, trend } from "./lookup.js"
import { rateTicks } from "./rates.js"
import { labelOf, wishes } from "./series_names.js"
import { SeriesWindow } from "./series_window.js"

const COLOURS = 8
const GHOST_LOOK = { colour: 7, dash: 2 }
const TABLE_ROWS = 100

export class CurveChartElement extends ChartElement {
  static observedAttributes = [...ChartElement.observedAttributes, "names", "axis"]

  #names = [] // present, in the order of the attribute
  #hidden = new Set()
  #window = new SeriesWindow(() => this.want())
  #rows = new Map() // name -> {button, value}
  #ghosts = []
  #note = ""

  hears(kind, detail) {
    if (kind === "numbers" && !this.#concerns(detail.names)) return
    if (kind === "captures") return
    if (kind === "snapshot" || kind === "numbers") this.#findNames()
    this.want()
  }

  attributeChangedCallback(name) {
    if (name === "names" && this.parts) this.#findNames()
    super.attributeChangedCallback(name)
  }

  storeChanged() {
    this.#rows.clear() // a chart that was moved has a new frame, and no legend in it yet
    this.#findNames()
    if (moment.zoom) this.zoomed()
  }

  zoomed() {
    this.#window.drop()
    super.zoomed()
  }

  menu() {
    return [
      { name: "smoothing", text: t("charts.smoothing"), kind: "range" },
      { name: "log-y", text: t("charts.log_y"), kind: "check" },
      { name: "rates", text: t("charts.over_rates"), kind: "check" },
      ...this.commonMenu,
    ]
  }

  chose(name, input) {
    if (name === "smoothing") this.setAttribute("smoothing", input.value)
    if (name === "log-y") this.setAttribute("y", input.checked ? "log" : "linear")
    if (name === "rates") this.setAttribute("axis", input.checked ? "rates" : "steps")
    super.chose(name, input)
  }

  showSettings() {
    super.showSettings()
    control(this.parts, "log-y").checked = this.yKind === "log"
    control(this.parts, "smoothing").value = String(this.smoothing)
    control(this.parts, "rates").checked = this.getAttribute("axis") === "rates"
  }

  /** The series of the learning rate, where its labels are to stand under the chart. */
  get rates() {
    return this.getAttribute("axis") === "rates" ? this.store.overviews.get("optimizer.lr") : undefined
  }

  stepText(step) {
    const rate = this.rates && readAt(this.rates, step)
    return rate ? t("charts.step_and_rate", { step: formatStep(step), rate: formatValue(rate.value) }) : formatStep(step)
  }

  get yKind() {
    return this.getAttribute("y") === "log" ? "log" : "linear"
  }

  get smoothing() {
    return Math.min(0.99, Math.max(0, Number(this.getAttribute("smoothing")) || 0))
  }

  get defaultTitle() {
    return t("charts.curves")
  }

  get lastStep() {
    let last = super.lastStep
    for (const name of this.#names) {
      const series = this.store.overviews.get(name)
      if (series.count > 0) last = Math.max(last, series.start[series.count - 1])
    }
    return last
  }

  /** What later attempts superseded, as ghosts.js gives it: drawn thin and pale behind what holds. */
  set ghosts(segments) {
    this.#ghosts = segments
    this.want()
  }

  get stepsShown() {
    const [from, to] = super.stepsShown
    return [from, moment.zoom ? to : Math.max(to, ...this.#ghosts.map((one) => one.to))]
  }

  get isEmpty() {
    return this.#names.every((name) => this.store.overviews.get(name).count === 0)
  }

  get csvAddress() {
    const names = new URLSearchParams({ names: this.#names.join(",") })
    return `/api/runs/${encodeURIComponent(this.runId)}/series.csv?${names}`
  }

  /** What is drawn, as labels and looks: for a legend in an export or in Plotly. */
  get legend() {
    return this.#shown().map((name) => ({ name, label: labelOf(name), ...this.#look(name) }))
  }

  /** The line of a legend that stands for all that is superseded. */
  get ghostLegend() {
    const attempts = this.#ghosts.map(({ attempt }) => attempt).join(", ")
    return attempts ? [{ label: t("charts.ghosts", { attempts }), ...GHOST_LOOK }] : []
  }

  scene() {
    if (!this.size.width || !this.size.height) return null
    // asked here, because only a chart in sight is asked for its scene
    if (moment.zoom && this.#isCoarse()) this.#window.keep(this.#wanted(), this.lastStep)
    const scene = this.sceneAt(this.size, window.devicePixelRatio || 1)
    this.#describe(scene.series)
    this.readOut()
    return { scene, transfer: scene.series.flatMap(({ start, min, max, mean, bad }) => [start, min, max, mean, bad].map(({ buffer }) => buffer)) }
  }

  /** What to draw at a size; every array is a copy that may be given away. */
  sceneAt({ width, height }, ratio) {
    const steps = this.stepsShown
    return {
      kind: "curves",
      ...{ width, height, ratio, steps },
      series: this.#shown().map((name) => ({ ...cut(this.#source(name), steps), ...this.#look(name) })),
      xKind: this.getAttribute("x") === "log" ? "log" : "linear",
      yKind: this.yKind,
      smoothing: this.smoothing,
      level: this.level?.value ?? null,
      marks: this.marks,
      xTicks: this.rates ? rateTicks(this.rates, steps, width / 80) : null,
      ghosts: this.#ghostsShown().map(({ name, series }) => ({ ...cut(series, steps), colour: this.#look(name).colour })),
    }
  }

  /** Values beside the names: at the cursor, or the last ones. */
  readOut() {
    for (const [name, { value, button }] of this.#rows) {
      const found = readAt(this.#source(name), moment.step)
      say(value, formatValue(found && (found.bad > 0 && Number.isNaN(found.min) ? NaN : found.value)))
      button.classList.toggle("is-bad", Boolean(found && found.bad > 0))
      if (found && found.max > found.min) button.title = t("charts.between", { low: formatValue(found.min), high: formatValue(found.max) })
      else button.removeAttribute("title")
    }
    const mark = this.markAtCursor
    const ghost = mark ? "" : this.#ghostAtCursor()
    this.parts.figure.classList.toggle("has-mark", Boolean(mark || ghost))
    say(this.parts.note, mark ? t("charts.mark", { step: formatStep(mark.step), text: said(mark.text) }) : ghost || this.#note)
  }

  nextStep(step, direction) {
    return nextStep(this.#shown().map((name) => this.#source(name)), step, direction)
  }

  /** One sentence for a screen reader. */
  spoken(step) {
    const parts = this.#shown().map((name) => {
      const series = this.#source(name)
      const value = formatValue(readAt(series, step)?.value)
      const way = step === null ? `, ${t(`charts.${trend(series)}`)}` : ""
      return `${labelOf(name)} ${value}${way}`
    })
    return `${this.chartTitle}. ${t("charts.at_step", { step: formatStep(step ?? this.lastStep) })}: ${parts.join("; ") || t("charts.waiting")}`
  }

  rows() {
    const names = this.#shown()
    const longest = names.map((name) => cut(this.#source(name), this.stepsShown)).sort((a, b) => b.start.length - a.start.length)[0]
    const steps = longest ? thinned(longest.start.length, TABLE_ROWS).map((index) => longest.start[index]) : []
    return {
      head: [t("charts.step"), ...names.map(labelOf)],
      body: steps.reverse().map((step) => [formatStep(step), ...names.map((name) => formatValue(readAt(this.#source(name), step)?.value))]),
    }
  }

  async plotlyFigure() {
    return (await import("./plotly_figures.js")).curvesFigure(this)
  }

  #ghostsShown() {
    const there = ({ series, ...segment }) => this.#shown().flatMap((name) => (series.has(name) ? [{ ...segment, name, series: series.get(name) }] : []))
    return this.#ghosts.flatMap(there)
  }

  #ghostAtCursor() {
    const { step } = moment
    if (step === null) return ""
    const under = this.#ghostsShown().filter(({ from, to }) => from < step && step <= to)
    const values = ({ attempt }) => under.filter((one) => one.attempt === attempt).map(({ name, series }) => `${labelOf(name)} ${formatValue(readAt(series, step)?.value)}`)
    const said = under.map((one) => t("charts.ghost", { attempt: one.attempt, values: values(one).join(", ") }))
    return [...new Set(said)].join(" \u00b7 ")
  }

  #shown() {
    return this.#names.filter((name) => !this.#hidden.has(name))
  }

  /** The overview, or the finer numbers of a zoomed range once they are there. */
  #source(name) {
    return this.#window.series?.get(name) ?? this.store.overviews.get(name)
  }

  #look(name) {
    const index = this.#names.indexOf(name)
    return { colour: index % COLOURS, dash: (index + Math.floor(index / COLOURS)) % DASHES.length }
  }

  #wanted() {
    return { run: this.runId, names: this.#names, range: moment.zoom, width: Math.max(1000, Math.min(2000, this.size.width * 2)) }
  }

  /** Whether the server has finer numbers of the range than the overview: then it is asked. */
  #isCoarse() {
    return this.#names.some((name) => this.store.overviews.get(name).width > 1)
  }

  #concerns(names) {
    return wishes(this).some((wish) => (wish.endsWith("*") ? [...names].some((name) => name.startsWith(wish.slice(0, -1))) : names.has(wish)))
  }

  #findNames() {
    if (!this.store) return
    const known = [...this.store.overviews.keys()]
    const found = new Set()
    for (const wish of wishes(this)) {
      for (const name of known) {
        if (name === wish || (wish.endsWith("*") && name.startsWith(wish.slice(0, -1)))) found.add(name)
      }
    }
    const names = [...found]
    if (names.join() === this.#names.join() && this.#rows.size === names.length) return
    this.#names = names
    this.#rows.clear()
    this.parts.legend.replaceChildren(...names.map((name) => this.#legendRow(name)))
    this.readOut() // the first numbers need not wait for the first drawing
  }

  #legendRow(name) {
    const { colour, dash } = this.#look(name)
    // the value is spoken by the chart itself: in a button's name it would change ten times a second
    const value = make("span", { class: "chart-value", "aria-hidden": "true" })
    const attributes = { type: "button", "aria-pressed": String(!this.#hidden.has(name)) }
    const button = make("button", attributes, swatch(colour, DASHES[dash]), make("span", { class: "chart-name" }, labelOf(name)), value)
    button.addEventListener("click", () => {
      if (!this.#hidden.delete(name)) this.#hidden.add(name)
      button.setAttribute("aria-pressed", String(!this.#hidden.has(name)))
      this.want()
    })
    this.#rows.set(name, { button, value })
    return button
  }

  /** Note what is shown: single steps or buckets, and where something was not finite. */
  #describe(series) {
    const width = Math.max(1, ...series.map((one) => one.width))
    const buckets = Math.max(0, ...series.filter((one) => one.width === width).map(({ start }) => start.length))
    const bad = series.map(({ start, bad }) => start[bad.findIndex((count) => count > 0)]).filter((step) => step !== undefined)
    const parts = [width === 1 ? t("charts.single_steps") : t("charts.buckets", { buckets: formatStep(buckets), steps: formatStep(width) })]
    if (this.rates) parts.push(t("charts.rates_below"))
    if (this.#window.failed) parts.push(t("charts.no_window"))
    if (bad.length > 0) parts.unshift(t("charts.non_finite", { step: formatStep(Math.min(...bad)) }))
    this.#note = this.isEmpty ? "" : parts.join(" \u00b7 ")
  }
}

customElements.define("curve-chart", CurveChartElement)
