// <metric-board> hangs up a chart for each series that is chosen, of all runs of the page over one another. What is chosen,
// what the axis counts and how a spread is drawn stand in the URL.

import "../charts/group_chart.js"
import { make, part } from "../dom.js"
import { t } from "../texts.js"
import { firstChoice, inOrder, nameOf, OF_EPOCHS } from "./metrics.js"

const MOST = 8 // series that the server sends at once
const OFFERED = (name) => OF_EPOCHS.test(name) || name.startsWith("loss.") || name === "optimizer.lr"

export class MetricBoardElement extends HTMLElement {
  #store = null
  #chosen = []
  #names = ""
  #settings = { smooth: 0, logX: false, logY: false }

  connectedCallback() {
    const query = new URLSearchParams(location.search)
    this.#chosen = (query.get("show") ?? "").split(",").filter(Boolean).slice(0, MOST)
    this.axis = this.querySelector("[data-axis]")
    this.band = this.querySelector("[data-band]")
    this.lines = this.querySelector("[data-lines]")
    this.axis.value = query.get("axis") === "epoch" ? "epoch" : "step"
    if (["std", "none"].includes(query.get("band"))) this.band.value = query.get("band")
    this.lines.checked = query.get("lines") !== "off"
    this.axis.addEventListener("change", () => this.#countIn())
    for (const control of [this.band, this.lines]) control.addEventListener("change", () => this.#dressAll())
    part(this, "names").addEventListener("change", ({ target }) => this.#choose(target))
    document.addEventListener("charts:set", ({ detail }) => {
      this.#settings = detail
      this.#dressAll()
    })
  }

  /** The series that are drawn. */
  get chosen() {
    return this.#chosen
  }

  set store(store) {
    this.#store = store
    store.countIn(this.axis.value)
    store.addEventListener("numbers", () => this.#offer())
    store.addEventListener("snapshot", () => this.#offer())
    this.#hang()
  }

  #countIn() {
    document.dispatchEvent(new CustomEvent("zoom", { detail: { from: 0, to: null } }))
    this.#store.countIn(this.axis.value)
    this.#keep()
  }

  /** Offer the series that there are; before anybody has chosen, show what judges the runs. */
  #offer() {
    const names = inOrder(this.#store.names)
    if (names.join() === this.#names) return
    this.#names = names.join()
    if (!new URLSearchParams(location.search).has("show")) {
      const first = firstChoice(names)
      if (first.join() !== this.#chosen.join()) this.#show(first)
    }
    const short = names.filter((name) => OFFERED(name) || this.#chosen.includes(name))
    const rest = names.filter((name) => !short.includes(name))
    const more = make("select", { "aria-label": t("groups.more_series"), hidden: rest.length === 0 },
      make("option", { value: "" }, t("groups.more_series")), ...rest.map((name) => make("option", { value: name }, nameOf(name))))
    part(this, "names").replaceChildren(...short.map((name) => this.#box(name)), more)
  }

  #box(name) {
    const box = make("input", { type: "checkbox", value: name, checked: this.#chosen.includes(name) })
    return make("label", { class: "check" }, box, nameOf(name))
  }

  #choose({ value, checked, type }) {
    if (!value) return
    const without = this.#chosen.filter((name) => name !== value)
    const chosen = type === "checkbox" && !checked ? without : [...without, value]
    this.#show(inOrder(chosen).slice(0, MOST))
    this.#keep()
    if (type !== "checkbox") {
      this.#names = ""
      this.#offer()
    }
  }

  #show(names) {
    this.#chosen = names
    this.#hang()
    this.dispatchEvent(new CustomEvent("board:names", { bubbles: true, detail: { names } }))
  }

  #hang() {
    const grid = part(this, "charts")
    const there = new Map([...grid.children].map((panel) => [panel.dataset.name, panel]))
    for (const [name, panel] of there) if (!this.#chosen.includes(name)) panel.remove()
    this.#chosen.forEach((name, at) => {
      const panel = there.get(name) ?? this.#panel(name)
      if (grid.children[at] !== panel) grid.insertBefore(panel, grid.children[at] ?? null)
    })
    part(this, "none").hidden = this.#chosen.length > 0
  }

  #panel(name) {
    const chart = make("group-chart", { name })
    this.#dress(chart)
    chart.store = this.#store
    return make("div", { "data-name": name, class: "panel" }, chart)
  }

  #dressAll() {
    for (const chart of this.querySelectorAll("group-chart")) this.#dress(chart)
    this.#keep()
  }

  #dress(chart) {
    const { smooth, logX, logY } = this.#settings
    chart.setAttribute("y", logY ? "log" : "linear")
    chart.setAttribute("x", logX ? "log" : "linear")
    chart.setAttribute("smoothing", String(smooth))
    chart.setAttribute("band", this.band.value)
    chart.toggleAttribute("lines", this.lines.checked)
  }

  #keep() {
    const query = new URLSearchParams(location.search)
    const put = (key, value, usual) => (value === usual ? query.delete(key) : query.set(key, value))
    put("show", this.#chosen.join(","), firstChoice(inOrder(this.#store.names)).join(","))
    put("axis", this.axis.value, "step")
    put("band", this.band.value, "range")
    put("lines", this.lines.checked ? "on" : "off", "on")
    history.replaceState(history.state, "", `${location.pathname}${query.size ? `?${query}` : ""}`)
  }
}

customElements.define("metric-board", MetricBoardElement)
