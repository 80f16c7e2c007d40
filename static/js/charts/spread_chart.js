// <spread-chart probe="weights" tensor="dense 1.weight"> shows how the values of a tensor are spread, over time.
//
// mode="heat" (a column a moment) or "ridges" (a line a moment); whole: show the tails too.

import { make, say } from "../dom.js"
import { said } from "../said.js"
import { t } from "../texts.js"
import { badOf, entryAt, pack, valueRange } from "./bins.js"
import { captureAt, loadHistory } from "./captured.js"
import { ChartElement } from "./chart_element.js"
import { moment } from "./cursor.js"
import { formatShare, formatStep, formatValue } from "./format.js"
import { control } from "./frame.js"
import { limitOf } from "./limits.js"
import { thinned } from "./lookup.js"

const REST_MS = 200 // the cursor rests that long before the exact histogram is asked for
const FACTS = ["mean", "std", "low", "high"]
const CSV_FACTS = ["low", "high", "mean", "std", "q05", "q25", "q50", "q75", "q95", "count", "zeros", "nan", "neg_inf", "pos_inf"]

export class SpreadChartElement extends ChartElement {
  static observedAttributes = [...ChartElement.observedAttributes, "mode", "whole", "probe", "tensor"]

  #exact = null
  #timer = 0
  #facts = {}
  #packed = { entries: [], spreads: pack([]) }
  #note = ""

  hears(kind, detail) {
    if (kind === "numbers") return
    if (kind === "captures" && !detail.keys.has(this.key)) return
    if (kind === "snapshot" && this.isSeen) queueMicrotask(() => this.seen()) // after all have heard of it
    this.want()
  }

  connectedCallback() {
    super.connectedCallback()
    for (const name of ["step", "bad", "mean", "std", "zeros", "low", "high"]) {
      const value = make("dd", { class: "chart-value" })
      this.#facts[name] = value
      this.parts.legend.append(make("div", { class: `chart-fact is-${name}` }, make("dt", {}, t(`charts.fact.${name}`)), value))
    }
    // a list of names and values reads better as one than as a toolbar
    const list = make("dl", { class: "chart-legend chart-facts" }, ...this.parts.legend.childNodes)
    this.parts.legend.replaceWith(list)
    this.parts.legend = list
  }

  disconnectedCallback() {
    clearTimeout(this.#timer)
    super.disconnectedCallback()
  }

  storeChanged() {
    this.#exact = null
    if (this.isSeen) this.seen()
  }

  /** In sight for the first time: what was captured before the page was opened is wanted now. */
  seen() {
    this.isSeen = true
    if (!this.store || !this.runId) return
    loadHistory(this.store, this.runId, this.probe).then(
      () => this.want(),
      () => {}, // the captures that arrive are shown all the same, and the next sight asks again
    )
  }

  cursorMoved() {
    super.cursorMoved()
    clearTimeout(this.#timer)
    if (moment.step === null) this.#exact = null
    else this.#timer = setTimeout(() => this.#askExact(moment.step), REST_MS)
    this.want()
  }

  menu() {
    return [
      { name: "ridges", text: t("charts.ridges"), kind: "check" },
      { name: "whole", text: t("charts.whole_range"), kind: "check" },
      ...this.commonMenu,
    ]
  }

  chose(name, input) {
    if (name === "ridges") this.setAttribute("mode", input.checked ? "ridges" : "heat")
    if (name === "whole") this.toggleAttribute("whole", input.checked)
    super.chose(name, input)
  }

  showSettings() {
    super.showSettings()
    control(this.parts, "ridges").checked = this.getAttribute("mode") === "ridges"
    control(this.parts, "whole").checked = this.hasAttribute("whole")
    this.parts.figure.classList.toggle("is-ridges", this.getAttribute("mode") === "ridges")
  }

  get probe() {
    return this.getAttribute("probe") ?? ""
  }

  get key() {
    return `${this.probe}/${this.getAttribute("tensor") ?? ""}`
  }

  get defaultTitle() {
    return this.getAttribute("tensor") ?? ""
  }

  get lastStep() {
    return Math.max(super.lastStep, this.entries.at(-1)?.step ?? 0)
  }

  /** The captures in the order of their steps, the exact one at the cursor among them. */
  get entries() {
    const known = this.store?.history.get(this.key) ?? []
    const exact = this.#exact
    if (!exact || known.length === 0) return known
    const at = entryAt(known.map(({ step }) => step), exact.step)
    return known[at]?.step === exact.step ? known : known.toSpliced(at + 1, 0, exact)
  }

  get isEmpty() {
    return this.entries.length === 0
  }

  /** The value that a regularizer holds these values under, or null. */
  get limit() {
    return limitOf(this.store?.state, this.probe, this.getAttribute("tensor"))
  }

  /** The capture that stands in front: at the cursor, or the newest. */
  get entry() {
    const entries = this.entries
    return entries[entryAt(entries.map(({ step }) => step), moment.step)] ?? null
  }

  get legend() {
    return []
  }

  scene() {
    if (!this.size.width || !this.size.height) return null
    const scene = this.sceneAt(this.size, window.devicePixelRatio || 1)
    this.#describe(scene)
    this.readOut()
    return { scene } // posting copies the columns: they are kept for the next time
  }

  /** What to draw at a size. */
  sceneAt({ width, height }, ratio) {
    return {
      kind: this.getAttribute("mode") === "ridges" ? "ridges" : "spread",
      width,
      height,
      ratio,
      steps: this.stepsShown,
      xKind: this.getAttribute("x") === "log" ? "log" : "linear",
      whole: this.hasAttribute("whole"),
      step: moment.step,
      spreads: this.#spreads(),
      marks: this.marks,
      limit: this.limit,
    }
  }

  readOut() {
    const entry = this.entry
    const facts = entry?.facts
    say(this.#facts.step, entry ? formatStep(entry.step) : formatValue(null))
    for (const name of FACTS) say(this.#facts[name], formatValue(facts?.[name]))
    say(this.#facts.zeros, facts ? formatShare(facts.zeros / facts.count) : formatValue(null))
    say(this.#facts.bad, facts ? formatStep(badOf(facts)) : formatValue(null))
    this.parts.legend.classList.toggle("is-bad", Boolean(facts && badOf(facts) > 0))
    const mark = this.markAtCursor
    this.parts.figure.classList.toggle("has-mark", Boolean(mark))
    say(this.parts.note, mark ? t("charts.mark", { step: formatStep(mark.step), text: said(mark.text) }) : this.#note)
  }

  nextStep(step, direction) {
    const steps = this.entries.map((entry) => entry.step)
    return steps[entryAt(steps, direction > 0 ? step : step - 1) + (direction > 0 ? 1 : 0)] ?? step
  }

  spoken(step) {
    const { entry } = this
    if (!entry) return `${this.chartTitle}. ${t("charts.waiting")}`
    const { mean, std, q05, q95, zeros, count } = entry.facts
    return t("charts.spoken_spread", {
      title: this.chartTitle,
      step: formatStep(step === null ? entry.step : Math.min(step, entry.step)),
      mean: formatValue(mean),
      std: formatValue(std),
      low: formatValue(q05),
      high: formatValue(q95),
      zeros: formatShare(zeros / count),
      bad: formatStep(badOf(entry.facts)),
    })
  }

  rows() {
    const names = ["mean", "std", "q05", "q50", "q95"]
    const entries = this.entries
    const chosen = thinned(entries.length, 100).map((index) => entries[index])
    return {
      head: [t("charts.step"), ...names.map((name) => t(`charts.fact.${name}`)), t("charts.fact.zeros"), t("charts.fact.bad")],
      body: chosen.reverse().map(({ step, facts }) => [
        formatStep(step),
        ...names.map((name) => formatValue(facts[name])),
        formatShare(facts.zeros / facts.count),
        formatStep(badOf(facts)),
      ]),
    }
  }

  /** The captures as CSV, one a line: facts, then the counts of the bins from low to high. */
  csv() {
    const entries = this.entries
    const bins = Array.from(entries[0]?.counts ?? [], (_, index) => `bin_${index}`)
    const lines = entries.map(({ step, facts, counts }) => [step, ...CSV_FACTS.map((name) => facts[name]), ...counts].join(","))
    return [["step", ...CSV_FACTS, ...bins].join(","), ...lines, ""].join("\n")
  }

  async plotlyFigure() {
    return (await import("./plotly_figures.js")).spreadFigure(this)
  }

  /** The captures as columns, packed anew only when there are others: a moving cursor changes none. */
  #spreads() {
    const entries = this.entries
    const before = this.#packed.entries
    const isSame = entries.length === before.length && entries.every((entry, index) => entry === before[index])
    if (!isSame) this.#packed = { entries: [...entries], spreads: pack(entries) }
    return this.#packed.spreads
  }

  /** Note how many moments are shown, and whether values lie outside of the chart. */
  #describe({ spreads, steps, whole }) {
    const entries = this.#packed.entries
    const parts = [t("charts.captures", { n: entries.length })]
    const { low, high } = this.entry?.facts ?? {}
    const shown = valueRange(spreads, steps, whole)
    if (low < shown[0] || high > shown[1]) parts.push(t("charts.tails"))
    if (this.limit !== null) parts.push(t("charts.limit", { limit: formatValue(this.limit) }))
    this.#note = entries.length > 0 ? parts.join(" \u00b7 ") : ""
  }

  async #askExact(step) {
    if (!this.store || !this.isSeen || this.isEmpty) return
    try {
      const found = await captureAt(this.store, this.runId, this.probe, this.getAttribute("tensor"), step)
      if (moment.step !== step) return
      this.#exact = found
      this.want()
    } catch {
      // the nearest capture that the page has stays: it says its own step
    }
  }
}

customElements.define("spread-chart", SpreadChartElement)
