// The parts of a chart in the page: title, legend, labels, canvas, crosshair, menu. Built once, in light DOM.

import { make } from "../dom.js"
import { t } from "../texts.js"
import { cssOf } from "./colours.js"

const PATHS = {
  expand: "M7 3H3v4M13 3h4v4M7 17H3v-4M13 17h4v-4",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
}
let lastId = 0

/**
 * Build the frame of a chart inside its element.
 *
 * @param {HTMLElement} element is emptied
 * @param {{title: string, menu: {name: string, text: string, kind?: "check"|"range"}[]}} options
 * @returns {Record<string, any>} parts by name
 */
export function buildFrame(element, { title, menu }) {
  const id = `chart-${++lastId}`
  const parts = { id }
  parts.title = make("h3", { id, class: "chart-title" }, title)
  parts.values = make("span", { class: "chart-values" })
  parts.unzoom = make("button", { type: "button", class: "chart-unzoom", hidden: true }, t("charts.whole_run"))
  parts.expand = iconButton("expand", t("charts.expand"))
  parts.menu = buildMenu(menu)
  parts.legend = make("div", { class: "chart-legend" })
  parts.canvas = make("canvas", { role: "img", "aria-label": title })
  parts.crosshair = make("div", { class: "chart-crosshair is-off" }, (parts.tag = make("span", { "aria-hidden": "true" })))
  parts.level = make("span", { class: "chart-level", hidden: true })
  parts.selection = make("div", { class: "chart-selection", hidden: true })
  parts.empty = make("p", { class: "chart-empty" })
  parts.handle = make("div", {
    class: "chart-handle",
    role: "slider",
    tabindex: "0",
    "aria-label": `${title}: ${t("charts.step")}`,
    "aria-valuemin": "0",
    "aria-valuemax": "0",
    "aria-valuenow": "0",
  })
  parts.plot = make("div", { class: "chart-plot" }, parts.canvas, parts.level, parts.crosshair, parts.selection, parts.empty, parts.handle)
  parts.axisY = make("div", { class: "chart-axis", "data-axis": "y", "aria-hidden": "true" })
  parts.axisX = make("div", { class: "chart-axis", "data-axis": "x", "aria-hidden": "true" })
  parts.note = make("p", { class: "chart-note" })
  parts.tableBody = make("div", { class: "chart-table-scroll", tabindex: "0", role: "region", "aria-label": title })
  parts.table = make("details", { class: "chart-table" }, make("summary", {}, t("charts.table")), parts.tableBody)
  parts.actions = make("div", { class: "chart-actions" }, parts.unzoom, parts.expand, parts.menu)
  parts.figure = make(
    "figure",
    { class: "chart", role: "group", "aria-labelledby": id },
    make("div", { class: "chart-head" }, parts.title, parts.actions),
    parts.legend,
    make("div", { class: "chart-body" }, parts.axisY, parts.plot, parts.axisX),
    parts.note,
    parts.table,
  )
  element.replaceChildren(parts.figure)
  return parts
}

/** Replace a canvas by a fresh one: a canvas can be handed to a worker only once. */
export function renewCanvas(parts) {
  const canvas = make("canvas", { role: "img", "aria-label": parts.canvas.getAttribute("aria-label") })
  parts.canvas.replaceWith(canvas)
  parts.canvas = canvas
}

/** Return the control of a menu by its name. */
export function control(parts, name) {
  return parts.menu.querySelector(`[name="${name}"]`)
}

function buildMenu(entries) {
  const panel = make("div", { class: "chart-menu-panel" })
  for (const { name, text, kind } of entries) {
    if (kind === "check") {
      panel.append(make("label", { class: "chart-check" }, make("input", { type: "checkbox", name }), text))
    } else if (kind === "range") {
      const input = make("input", { type: "range", name, min: "0", max: "0.99", step: "0.01", value: "0" })
      panel.append(make("label", { class: "chart-range" }, text, input))
    } else {
      panel.append(make("button", { type: "button", name }, text))
    }
  }
  const summary = make("summary", { "aria-label": t("charts.more"), title: t("charts.more") }, icon("more"))
  return make("details", { class: "chart-menu" }, summary, panel)
}

function iconButton(name, label) {
  return make("button", { type: "button", class: "chart-icon", name, "aria-label": label, title: label }, icon(name))
}

/** Return the small line that stands for a series: its colour and its dash. */
export function swatch(colour, dash) {
  return drawing("0 0 22 8", "M1 4h20", {
    class: "chart-swatch",
    style: `stroke: ${cssOf(colour)}`,
    "stroke-dasharray": dash.join(" "),
  })
}

function icon(name) {
  return drawing("0 0 20 20", PATHS[name], { class: `chart-icon-${name}` })
}

function drawing(viewBox, path, attributes) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path")
  svg.setAttribute("viewBox", viewBox)
  svg.setAttribute("aria-hidden", "true")
  line.setAttribute("d", path)
  const { style, ...rest } = attributes
  for (const [key, value] of Object.entries(rest)) svg.setAttribute(key, value)
  if (style) line.style.cssText = style
  svg.append(line)
  return svg
}
