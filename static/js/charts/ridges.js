// Draws a distribution over time as ridge lines: one histogram behind the other, the newest in front.

import { entryAt, rebin, valueRange, withLimit } from "./bins.js"
import { drawGrid } from "./marks.js"
import { fitLinear, place } from "./scale.js"

const RIDGES = 18
const POINTS = 96

/** Return which entries to show: RIDGES of them, evenly over the steps on the chart, the last at `step`. */
export function chosen(steps, [from, to], step) {
  const last = entryAt(steps, step === null ? to : Math.min(step, to))
  const first = Math.max(0, entryAt(steps, from))
  if (last < first) return last < 0 ? [] : [last]
  const entries = new Set([first])
  for (let ridge = 1; ridge < RIDGES; ridge++) {
    entries.add(entryAt(steps, steps[first] + ((steps[last] - steps[first]) * ridge) / (RIDGES - 1)))
  }
  return [...entries]
}

/** Return scales and ticks: values run across, steps run down towards the reader. */
export function frame(scene) {
  const { width, height, spreads } = scene
  const entries = chosen(spreads.step, scene.steps, scene.step)
  const [low, high] = withLimit(valueRange(spreads, scene.steps, scene.whole), scene.limit)
  const fitted = Number.isNaN(low) ? { ticks: [], step: 1 } : fitLinear(low, high, Math.max(2, width / 90))
  const room = high > low ? (high - low) * 0.02 : Math.abs(low) * 0.1 || 1
  const domain = Number.isNaN(low) ? [0, 1] : [low - room, high + room]
  const x = { kind: "linear", domain, range: [0, width] }
  const first = spreads.step[entries[0]] ?? 0
  const last = spreads.step[entries.at(-1)] ?? 1
  const y = { kind: "linear", domain: [first, Math.max(last, first + 1)], range: [height * 0.3, height - 2] }
  const xTicks = fitted.ticks.filter(({ value }) => value >= domain[0] && value <= domain[1])
  const every = Math.max(1, Math.ceil(entries.length / 6))
  const yTicks = entries.filter((_, index) => (entries.length - 1 - index) % every === 0).map((entry) => ({ value: spreads.step[entry] }))
  return { x, y, xTicks, yTicks, xStep: fitted.step, stepAxis: "y" }
}

/** Draw a scene: the oldest first, so that the newest stands in front. */
export function draw(pen, scene, view, { colours }) {
  const { x, y } = view
  drawGrid(pen, scene, { ...view, yTicks: [] }, colours)
  const entries = chosen(scene.spreads.step, scene.steps, scene.step)
  const rows = new Float32Array(POINTS)
  const tall = y.range[0] * 0.95
  entries.forEach((entry, index) => {
    const peak = rebin(scene.spreads, entry, x.domain[0], x.domain[1], rows)
    const base = place(y, scene.spreads.step[entry])
    const isNewest = index === entries.length - 1
    pen.beginPath()
    pen.moveTo(0, base)
    rows.forEach((count, row) => {
      pen.lineTo(((row + 0.5) / POINTS) * scene.width, base - (peak > 0 ? (count / peak) * tall : 0))
    })
    pen.lineTo(scene.width, base)
    pen.fillStyle = colours.surface
    pen.globalAlpha = 0.82
    pen.fill()
    pen.fillStyle = pen.strokeStyle = colours.series[0]
    pen.globalAlpha = isNewest ? 0.3 : 0.06
    pen.fill()
    pen.globalAlpha = isNewest ? 1 : 0.35 + (0.4 * index) / entries.length
    pen.lineWidth = isNewest ? 1.8 : 1
    pen.stroke()
  })
  pen.globalAlpha = 1
  if (typeof scene.limit !== "number" || scene.limit > x.domain[1]) return
  pen.strokeStyle = colours.series[1]
  pen.lineWidth = 2
  pen.setLineDash([7, 4])
  pen.beginPath()
  pen.moveTo(place(x, scene.limit), 0)
  pen.lineTo(place(x, scene.limit), scene.height)
  pen.stroke()
  pen.setLineDash([])
}
