// The figure that Plotly draws of ROC curves when they are expanded.

import { t } from "../texts.js"
import { DASHES } from "./colours.js"
import { formatValue } from "./format.js"
import { painter } from "./painter.js"

/** A line for each class, and the diagonal of knowing nothing. */
export function rocFigure(chart) {
  const { colours } = painter
  const traces = chart.curves.map(({ name, area, x, y, threshold, colour, dash }) => ({
    x,
    y,
    customdata: threshold,
    name: `${name} (${formatValue(area)})`,
    mode: "lines",
    line: { color: colours.series[colour], dash: DASHES[dash].map((part) => `${part}px`).join(",") || "solid", width: 1.8 },
    hovertemplate: `%{x:.3f}, %{y:.3f} · ${t("answers.threshold")} %{customdata:.3g}`,
  }))
  const nothing = { x: [0, 1], y: [0, 1], name: t("answers.nothing"), mode: "lines", line: { color: colours.muted, dash: "dash", width: 1 }, hoverinfo: "skip" }
  const axis = (key) => ({ title: { text: t(key) }, range: [-0.02, 1.02] })
  return { traces: [...traces, nothing], layout: { xaxis: axis("answers.false_rate"), yaxis: axis("answers.true_rate"), hovermode: "closest" } }
}
