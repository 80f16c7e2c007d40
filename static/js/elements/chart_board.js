// <chart-board> hangs up a chart for each kind of number and each captured tensor that a run turns out to have.

import "../charts/curve_chart.js"
import { complain } from "../complain.js"
import { make, part, say } from "../dom.js"
import { percent, short } from "../numbers.js"
import { has, t } from "../texts.js"
import { boardKey, boardKeys, boardOrder, namesOf } from "../board.js"

const FIRST_SPREADS = ["weights", "gradients", "activations", "pre_activations", "unit_norms"]
// what <answers-view> shows
const ELSEWHERE = new Set(["confusion", "roc"])
const SPANS_DECADES = new Set(["gradient_norm", "update_ratio", "metric.gradient_norm", "metric.loss_change", "metric.weight_change"])

export class ChartBoardElement extends HTMLElement {
  #store = null
  #settings = { smooth: 0, logX: false, logY: false }
  #panels = new Map() // key -> curve-chart
  #ghosts = [] // superseded points, while they are shown
  #probe = ""
  #tensors = ""

  connectedCallback() {
    document.addEventListener("charts:set", ({ detail }) => this.#set(detail))
    document.addEventListener("charts:ghosts", ({ detail: { segments } }) => {
      this.#ghosts = segments
      for (const chart of this.#panels.values()) chart.ghosts = segments
    })
    part(this, "tabs").addEventListener("click", ({ target }) => target.dataset.probe && this.#choose(target.dataset.probe))
    part(this, "tabs").addEventListener("keydown", (event) => this.#walk(event))
  }

  set store(store) {
    this.#store = store
    store.addEventListener("snapshot", () => this.#hang())
    store.addEventListener("numbers", ({ detail: { names } }) => {
      if ([...names].some((name) => !this.#panels.has(boardKey(name)))) this.#hangCurves()
    })
    store.addEventListener("captures", () => this.#hangSpreads())
    store.addEventListener("diagnosis", () => this.#showLevel())
    store.addEventListener("event", ({ detail }) => detail.type === "started" && this.#hang())
    this.#hangCurves()
  }

  #hang() {
    this.#hangCurves()
    this.#hangSpreads()
    const losses = this.#panels.get("loss")
    if (this.#store.state?.plan?.sweeps && !losses.hasAttribute("axis")) {
      losses.setAttribute("axis", "rates") // it is read over the rates that it went through
      losses.setAttribute("y", "log") // what diverged at its end would flatten all else
    }
  }

  #hangCurves() {
    const keys = boardKeys(this.#store.overviews)
    if (keys.size === this.#panels.size) return
    const grid = part(this, "curves")
    let next = null
    // from the last to the first, and only the new ones: a chart that is moved would begin anew
    for (const key of [...keys].sort(boardOrder).reverse()) {
      if (!this.#panels.has(key)) {
        this.#panels.set(key, this.#curves(key))
        grid.insertBefore(this.#panels.get(key).parentElement, next)
      }
      next = this.#panels.get(key).parentElement
    }
    this.#showLevel()
  }

  #curves(key) {
    const title = `board.${key}`
    const chart = make("curve-chart", { names: namesOf(key), heading: has(title) ? t(title) : words(key), live: true })
    this.#dress(chart, key)
    chart.store = this.#store
    chart.ghosts = this.#ghosts
    make("div", { class: key === "loss" ? "wide" : false, "data-panel": key }, chart)
    return chart
  }

  /** Draw what a person gets, or the best that is possible, across the chart of the metric that it is of. */
  #showLevel() {
    const { metric, level } = this.#store.diagnosis?.balance ?? {}
    const chart = this.#panels.get(`metric.${metric}`)
    if (!chart) return
    chart.level = level === null ? null : { value: level, text: t("diagnosis.level.line", { level: metric === "accuracy" ? percent(level) : short(level) }) }
  }

  #set(settings) {
    this.#settings = settings
    for (const [key, chart] of this.#panels) this.#dress(chart, key)
    for (const chart of this.querySelectorAll("spread-chart")) chart.setAttribute("x", settings.logX ? "log" : "linear")
  }

  #dress(chart, key) {
    const { smooth, logX, logY } = this.#settings
    chart.setAttribute("y", logY || SPANS_DECADES.has(key) ? "log" : "linear")
    chart.setAttribute("x", logX ? "log" : "linear")
    chart.setAttribute("smoothing", String(smooth))
  }

  #hangSpreads() {
    const captured = this.#captured()
    const probes = Object.keys(captured)
    part(this, "spreads-section").hidden = probes.length === 0
    if (!probes.length) return
    import("../charts/spread_chart.js").catch(complain) // not before there is something to show: the first number comes first
    const tabs = part(this, "tabs")
    // those that are there stay: one of them may have the focus
    probes.forEach((probe, at) => {
      const there = tabs.children[at]
      if (there?.dataset.probe !== probe) tabs.insertBefore(tab(probe), there ?? null)
    })
    this.#choose(this.#probe || probes[0])
  }

  #captured() {
    const probeOf = (key) => key.split("/")[0]
    const place = (key) => (FIRST_SPREADS.indexOf(probeOf(key)) + FIRST_SPREADS.length + 1) % (FIRST_SPREADS.length + 1)
    const captured = {}
    for (const key of [...this.#store.captures.keys()].sort((a, b) => place(a) - place(b))) {
      const [probe, ...tensor] = key.split("/")
      if (ELSEWHERE.has(probe)) continue
      ;(captured[probe] ??= []).push(tensor.join("/"))
    }
    return captured
  }

  #choose(probe) {
    const tensors = this.#captured()[probe] ?? []
    if (probe === this.#probe && tensors.join() === this.#tensors) return
    this.#probe = probe
    this.#tensors = tensors.join()
    for (const tab of part(this, "tabs").children) {
      const chosen = tab.dataset.probe === probe
      tab.setAttribute("aria-selected", String(chosen))
      tab.tabIndex = chosen ? 0 : -1
    }
    say(part(this, "spreads-help"), has(`board.${probe}.help`) ? t(`board.${probe}.help`) : "")
    const charts = tensors.map((tensor) => {
      const x = this.#settings.logX ? "log" : "linear"
      const chart = make("spread-chart", { probe, tensor, heading: tensor, x, live: true })
      chart.store = this.#store
      return chart
    })
    const panel = { id: "spread-panel", role: "tabpanel", "aria-labelledby": `tab-${probe}`, class: "chart-grid" }
    part(this, "spreads").replaceChildren(make("div", panel, ...charts))
  }

  #walk(event) {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!way) return
    const tabs = [...part(this, "tabs").children]
    const next = tabs[(tabs.indexOf(event.target) + way + tabs.length) % tabs.length]
    next.focus()
    this.#choose(next.dataset.probe)
  }
}

function tab(probe) {
  const attributes = { type: "button", role: "tab", id: `tab-${probe}`, "data-probe": probe, "aria-controls": "spread-panel", "aria-selected": "false", tabindex: -1 }
  return make("button", attributes, name(probe))
}

function name(probe) {
  return has(`board.${probe}`) ? t(`board.${probe}`) : words(probe)
}

function words(key) {
  const text = key.replaceAll("_", " ").replaceAll(".", " ")
  return text[0].toUpperCase() + text.slice(1)
}

customElements.define("chart-board", ChartBoardElement)
