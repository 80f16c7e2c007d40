// A histogram as SVG: bars for the training part, lines for validation and test, each scaled to its own number of values.

import { make } from "../dom.js"
import { short } from "../numbers.js"
import { t } from "../texts.js"
import { svg } from "./marks.js"

const WIDTH = 240
const HEIGHT = 72
const LINES = ["validation", "test"]

/**
 * Return a histogram with its least and greatest value below.
 *
 * @param {{low: number, high: number, least: number, most: number, mean: number, std: number,
 *   counts: {train: number[], validation: number[], test: number[]}}} found as the server tells it
 * @param {string} title what is counted
 */
export function histogram({ counts, least, most, mean, std }, title) {
  const shares = Object.fromEntries(Object.entries(counts).map(([part, bins]) => [part, share(bins)]))
  const top = Math.max(...Object.values(shares).flat(), 1e-9)
  const bins = counts.train.length
  const wide = WIDTH / bins
  const high = (value) => (value / top) * (HEIGHT - 2)
  const bars = shares.train.map((value, bin) =>
    value ? svg("rect", { x: bin * wide + 0.5, y: HEIGHT - high(value), width: wide - 1, height: high(value) }) : null)
  const lines = LINES.filter((part) => counts[part].some(Boolean)).map((part) =>
    svg("path", { class: `line ${part}`, d: steps(shares[part].map(high), wide) }))
  // what rounding leaves of a mean that is zero by making
  const middle = Math.abs(mean) < 1e-6 * std ? 0 : mean
  const spoken = t("look.spoken", { title, low: short(least), high: short(most), mean: short(middle), std: short(std) })
  const picture = svg("svg", { class: "histogram", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": spoken }, ...bars, ...lines)
  return make("div", { class: "distribution" }, picture,
    make("div", { class: "ends small muted" }, make("span", {}, short(least)), make("span", {}, t("look.mean", { mean: short(middle), std: short(std) })), make("span", {}, short(most))))
}

function share(bins) {
  const all = bins.reduce((sum, one) => sum + one, 0)
  return bins.map((one) => (all ? one / all : 0))
}

function steps(heights, wide) {
  const corners = heights.map((height, bin) => `V${(HEIGHT - height).toFixed(1)}H${((bin + 1) * wide).toFixed(1)}`)
  return `M0 ${HEIGHT}${corners.join("")}V${HEIGHT}`
}
