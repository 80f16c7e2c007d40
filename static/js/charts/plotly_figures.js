// The figures that Plotly draws of our charts when one is expanded.

import { t } from "../texts.js"
import { rebin, valueRange } from "./bins.js"
import { DASHES, paintOf } from "./colours.js"
import { readAt } from "./lookup.js"
import { painter } from "./painter.js"
import { smooth } from "./smooth.js"

const ROWS = 96

/** Curves: per series its extremes as a band, its means as a line, its smoothed line if there is one. */
export function curvesFigure(chart) {
  const { colours } = painter
  const { series, steps, xKind, yKind, smoothing, marks } = chart.sceneAt({ width: 1, height: 1 }, 1)
  const { rates } = chart
  const placed = rates ? (step) => readAt(rates, step)?.value ?? NaN : (step) => step
  const traces = series.flatMap((one, index) => {
    const { label, colour, dash } = chart.legend[index]
    const x = one.start.map((step) => placed(step + (one.width - 1) / 2))
    const line = { color: paintOf(colours, colour), dash: DASHES[dash].map((part) => `${part}px`).join(",") || "solid", width: 1.8 }
    const faint = line.color.replace("rgb(", "rgba(").replace(")", ", 0.18)")
    const band = { ...outline(x, one), mode: "lines", line: { width: 0 }, fill: "toself", fillcolor: faint, legendgroup: label, showlegend: false, hoverinfo: "skip" }
    const mean = { x, y: one.mean, name: label, mode: "lines", line, legendgroup: label }
    if (!(smoothing > 0)) return one.width > 1 || one.isBand ? [band, mean] : [mean]
    const soft = { ...mean, y: smooth(one.start, one.mean, smoothing, steps[1] - steps[0]) }
    return [{ ...mean, opacity: 0.35, showlegend: false, hoverinfo: "skip", line: { ...line, width: 1, dash: "solid" } }, soft]
  })
  const shapes = marks
    .filter(({ kind }) => kind === "change" || kind === "swap" || kind === "nan")
    .map(({ step, kind }) => ({
      type: "line",
      xref: "x",
      yref: "paper",
      x0: placed(step),
      x1: placed(step),
      y0: 0,
      y1: 1,
      line: { color: kind === "nan" ? colours.bad : colours.accent, width: 1, dash: "dot" },
    }))
  const layout = {
    xaxis: rates
      ? { title: { text: t("charts.series.optimizer.lr") }, type: "log", exponentformat: "power" }
      : { title: { text: chart.axisTitle ?? t("charts.step") }, type: xKind, ...(xKind === "linear" ? { range: steps } : {}) },
    yaxis: { type: yKind, exponentformat: "power" },
    shapes,
  }
  return { traces, layout }
}

/** Return the outline of the extremes: up along the greatest, back along the least, anew after each gap. */
function outline(x, { min, max }) {
  const around = { x: [], y: [] }
  for (let from = 0; from < x.length; from++) {
    if (Number.isNaN(min[from])) continue
    let to = from
    while (to < x.length && !Number.isNaN(min[to])) to++
    const there = Array.from(x.subarray(from, to))
    around.x.push(...there, ...there.toReversed(), null)
    around.y.push(...max.subarray(from, to), ...min.slice(from, to).reverse(), null)
    from = to
  }
  return around
}

/** A distribution over time: one bar of bins per capture, brightest where it is densest, and the quantiles. */
export function spreadFigure(chart) {
  const { colours } = painter
  const entries = chart.entries
  const heat = colours.heat.map(([r, g, b], index) => [index / (colours.heat.length - 1), `rgb(${r}, ${g}, ${b})`])
  const { z, y } = onOneAxis(chart)
  const x = entries.map(({ step }) => step)
  const map = { type: "heatmap", x, y, z, colorscale: heat, showscale: false, hovertemplate: "%{x}: %{y:.4g}<extra></extra>", zsmooth: false }
  const quantile = (name, width, dash) => ({
    x,
    y: entries.map(({ facts }) => facts[name]),
    name: t(`charts.fact.${name}`),
    mode: "lines",
    line: { color: colours.text, width, dash, shape: "hv" },
  })
  const traces = [map, quantile("q95", 1, "dot"), quantile("q75", 1, "solid"), quantile("q50", 2, "solid"), quantile("q25", 1, "solid"), quantile("q05", 1, "dot")]
  return { traces, layout: { xaxis: { title: { text: t("charts.step") } }, yaxis: {}, hovermode: "closest" } }
}

/** Bring all captures onto rows of one axis of values, each divided by its densest row. */
function onOneAxis(chart) {
  const { spreads, steps, whole } = chart.sceneAt({ width: 1, height: 1 }, 1)
  const [low, high] = valueRange(spreads, steps, whole)
  const row = new Float32Array(ROWS)
  const columns = Array.from(spreads.step, (_, index) => {
    const peak = rebin(spreads, index, low, high, row)
    return Array.from(row, (count) => (count > 0 ? Math.sqrt(count / peak) : null))
  })
  return {
    y: Array.from(row, (_, index) => low + ((index + 0.5) / ROWS) * (high - low)),
    z: Array.from(row, (_, index) => columns.map((column) => column[index])),
  }
}
