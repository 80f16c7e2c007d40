// <roc-chart> shows the ROC curve of each class at the page's moment, with the area under it.
//
// Its axes are shares, so a pointer over it reads corners and moves no cursor; time comes from the other charts.

import { curveNames, curvesOf, nearestCorner } from "../answers.js"
import { make, say } from "../dom.js"
import { t } from "../texts.js"
import { ChartElement } from "./chart_element.js"
import { DASHES } from "./colours.js"
import { formatShare, formatStep, formatValue } from "./format.js"
import { swatch } from "./frame.js"
import { valueAt } from "./scale.js"
import { Shot } from "./shot.js"

const COLOURS = 8
const NEAR_PX = 24

export class RocChartElement extends ChartElement {
  #part = ""
  #shot = new Shot("roc", () => this.want())
  #hidden = new Set()
  #rows = []
  #picked = null // {curve, corner} of all curves
  #read = { shot: null, curves: [] }
  #isCorner = false

  connectedCallback() {
    super.connectedCallback()
    const { handle, plot, legend } = this.parts
    handle.remove() // a slider over steps, which there are none of
    legend.classList.add("is-long")
    plot.addEventListener("pointermove", (event) => this.#point(event))
    plot.addEventListener("pointerleave", () => this.#pick(null))
  }

  disconnectedCallback() {
    this.#shot.stop()
    super.disconnectedCallback()
  }

  /** Show what is captured of a part of the data: validation, test. */
  show(store, part) {
    this.#part = part
    this.#picked = null
    if (this.store !== store) this.store = store
    this.#shot.follow(store, part)
    if (this.isSeen) this.#shot.load()
  }

  hears(kind, detail) {
    if (kind === "captures" && detail.keys.has(`roc/${this.#part}`)) this.want()
    if (kind === "snapshot") this.want()
  }

  seen() {
    if (!this.isSeen && this.#part) this.#shot.load()
    this.isSeen = true
  }

  cursorMoved() {
    this.#shot.moved()
  }

  zoomed() {}
  showSettings() {}

  menu() {
    const corner = { name: "corner", text: t("answers.corner_only"), kind: "check" }
    return [corner, ...["png", "svg", "csv"].map((name) => ({ name, text: t(`charts.${name}`) }))]
  }

  chose(name, input) {
    if (name === "corner") this.#isCorner = input.checked
    this.want()
  }

  get defaultTitle() {
    return t("answers.roc")
  }

  get isEmpty() {
    return !this.#shot.now
  }

  /** Names, curves and looks of all classes at the moment. */
  get curves() {
    const shot = this.#shot.now
    if (this.#read.shot !== shot) {
      const names = curveNames(this.store?.state?.plan)
      const look = (index) => ({ colour: index % COLOURS, dash: (index + Math.floor(index / COLOURS)) % DASHES.length })
      this.#read = { shot, curves: shot ? curvesOf(shot).map((one, index) => ({ ...one, name: names[index] ?? String(index), ...look(index) })) : [] }
    }
    return this.#read.curves
  }

  get legend() {
    return this.#shown().map(({ name, area, colour, dash }) => ({ name, label: `${name} ${formatValue(area)}`, colour, dash }))
  }

  scene() {
    if (!this.size.width || !this.size.height) return null
    const scene = this.sceneAt(this.size, window.devicePixelRatio || 1)
    this.readOut()
    return { scene } // posting copies the corners: they are kept for the next time
  }

  /** What to draw at a size. */
  sceneAt({ width, height }, ratio) {
    const picked = this.#pickedCorner()
    return {
      kind: "roc",
      ...{ width, height, ratio },
      curves: this.#shown().map(({ x, y, colour, dash, answered }) => ({ x, y, colour, dash, answered })),
      picked: picked && { x: picked.x, y: picked.y, colour: picked.colour },
      words: [`\u25cb ${t("answers.as_predicted")}`, `\u2191 ${t("answers.true_rate")}`, `\u2192 ${t("answers.false_rate")}`],
      isCorner: this.#isCorner,
    }
  }

  /** The legend: a button for each class, with the area under its curve. */
  readOut() {
    const { curves } = this
    if (this.#rows.map(({ name }) => name).join("\n") !== curves.map(({ name }) => name).join("\n")) this.#buildLegend(curves)
    curves.forEach(({ area }, index) => say(this.#rows[index].value, formatValue(area)))
    say(this.parts.note, this.#note(this.#pickedCorner()))
  }

  spoken() {
    const shot = this.#shot.now
    if (!shot) return `${this.chartTitle}. ${t("answers.not_yet")}`
    const areas = this.curves.map(({ name, area }) => `${name} ${formatValue(area)}`).join("; ")
    return `${this.chartTitle}, ${t("charts.at_step", { step: formatStep(shot.step) })}. ${t("answers.area")}: ${areas}`
  }

  rows() {
    return {
      head: [t("answers.class"), t("answers.area"), t("answers.false_rate"), t("answers.true_rate")],
      body: this.curves.map(({ name, area, answered }) => [name, formatValue(area), formatShare(answered.x), formatShare(answered.y)]),
    }
  }

  /** Every corner as CSV. */
  csv() {
    const quoted = (name) => `"${name.replaceAll('"', '""')}"`
    const lines = this.curves.flatMap(({ name, x, y, threshold }) => Array.from(x, (one, corner) => [quoted(name), one, y[corner], threshold[corner]].join(",")))
    return ["class,false_positive_rate,true_positive_rate,threshold", ...lines, ""].join("\n")
  }

  async plotlyFigure() {
    return (await import("./plotly_roc.js")).rocFigure(this)
  }

  #shown() {
    return this.curves.filter(({ name }) => !this.#hidden.has(name))
  }

  #buildLegend(curves) {
    this.#rows = curves.map(({ name, colour, dash }) => {
      const value = make("span", { class: "chart-value" })
      const button = make("button", { type: "button", "aria-pressed": String(!this.#hidden.has(name)) }, swatch(colour, DASHES[dash]), make("span", { class: "chart-name" }, name), value)
      button.addEventListener("click", () => this.#turn(name, button))
      return { name, button, value }
    })
    this.parts.legend.replaceChildren(...this.#rows.map(({ button }) => button))
  }

  #turn(name, button) {
    if (!this.#hidden.delete(name)) this.#hidden.add(name)
    button.setAttribute("aria-pressed", String(!this.#hidden.has(name)))
    this.want()
  }

  #point({ clientX, clientY }) {
    const { view } = this
    if (!view) return
    const box = this.parts.plot.getBoundingClientRect()
    const at = [valueAt(view.x, clientX - box.left), valueAt(view.y, clientY - box.top)]
    const { curve, corner, far } = nearestCorner(this.#shown(), at, box)
    this.#pick(far <= NEAR_PX ? { name: this.#shown()[curve].name, corner } : null)
  }

  #pick(picked) {
    if (picked?.name === this.#picked?.name && picked?.corner === this.#picked?.corner) return
    this.#picked = picked
    this.want()
  }

  #pickedCorner() {
    const curve = this.#picked && this.#shown().find(({ name }) => name === this.#picked.name)
    const { corner } = this.#picked ?? {}
    if (!curve || corner >= curve.x.length) return null
    return { name: curve.name, colour: curve.colour, x: curve.x[corner], y: curve.y[corner], threshold: curve.threshold[corner] }
  }

  #note(picked) {
    const shot = this.#shot.now
    if (!shot) return t("answers.not_yet")
    if (!picked) return t("answers.roc_note", { step: formatStep(shot.step) })
    const { name, x, y, threshold } = picked
    const rates = { name, false: formatShare(x), true: formatShare(y) }
    return threshold === Infinity ? t("answers.strictest", rates) : t("answers.corner", { ...rates, threshold: formatValue(threshold) })
  }
}

customElements.define("roc-chart", RocChartElement)
