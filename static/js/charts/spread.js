// Draws a distribution over time: a heat map of values x steps with its quantiles, and one histogram in front.

import { entryAt, rebin, valueRange, withLimit } from "./bins.js"
import { drawGrid, drawMarks } from "./marks.js"
import { fitLinear, place, placer, stepTicks, valueAt } from "./scale.js"

const ROWS = 96 // of the heat map: 64 bins each, moved and stretched, want a few more
const SHADES = 64
const TOP = 10

/**
 * @typedef {object} SpreadScene
 * @property {number} width CSS pixels
 * @property {number} height
 * @property {number} ratio device pixels in a CSS pixel
 * @property {"linear"|"log"} xKind
 * @property {[number, number]} steps domain of the axis of steps
 * @property {boolean} whole show the tails too
 * @property {number|null} step at which to show the histogram; null: the newest
 * @property {import("./bins.js").Spreads} spreads
 * @property {{step: number, kind: string}[]} marks
 * @property {number|null} limit a value to draw a line at, if there is one
 */

/** Return scales and ticks of a scene; `profile` is where the histogram in front stands, in pixels. */
export function frame(scene) {
  const { width, height, spreads } = scene
  const wide = Math.round(Math.max(52, Math.min(120, width * 0.2)))
  const end = width - wide - 8
  const steps = scene.xKind === "log" ? [Math.max(1, scene.steps[0]), Math.max(2, scene.steps[1])] : scene.steps
  const x = { kind: scene.xKind, domain: steps, range: [0, end] }
  const [low, high] = withLimit(valueRange(spreads, steps, scene.whole), scene.limit)
  const isEmpty = Number.isNaN(low)
  const round = isEmpty ? { ticks: [], step: 1 } : fitLinear(low, high, Math.max(2, Math.round(height / 44)))
  const room = high > low ? (high - low) * 0.02 : Math.abs(low) * 0.1 || 1
  const domain = isEmpty ? [0, 1] : [low - room, high + room]
  const y = { kind: "linear", domain, range: [height - 1, TOP] }
  const yTicks = round.ticks.filter(({ value }) => value >= domain[0] && value <= domain[1])
  return { x, y, xTicks: stepTicks(x, end / 80), yTicks, yStep: round.step, stepAxis: "x", profile: [end + 8, width] }
}

/** Draw a scene. `canvas(width, height)` makes a bitmap for the heat map: it differs between worker and page. */
export function draw(pen, scene, view, { colours, canvas }) {
  const { x, y } = view
  const plot = { width: x.range[1], height: scene.height, marks: scene.marks }
  drawGrid(pen, plot, view, colours)
  if (scene.spreads.step.length > 0) drawHeat(pen, scene, view, colours, canvas)
  pen.save()
  pen.beginPath()
  pen.rect(0, 0, plot.width, plot.height)
  pen.clip()
  drawMarks(pen, plot, x, colours)
  drawQuantiles(pen, scene.spreads, x, y, colours)
  drawLimit(pen, scene.limit, y, [0, plot.width], colours)
  drawBad(pen, scene.spreads, x, colours)
  pen.restore()
  const shown = entryAt(scene.spreads.step, scene.step)
  if (shown >= 0) drawProfile(pen, scene, view, shown, colours)
  drawLimit(pen, scene.limit, y, view.profile, colours)
}

/**
 * Return the heat map as pixels, `across` columns by ROWS, top row first; a column shows the newest entry at its step.
 *
 * Each column is brightest where its own values are densest: a distribution that narrows to a tenth would
 * otherwise leave all before it dark. The square root lifts what is thin.
 *
 * @param {Uint32Array} shades (SHADES) from empty to densest, as RGBA bytes
 * @returns {Uint32Array} (ROWS x across), 0 where there is nothing
 */
export function heatPixels(spreads, x, y, across, shades) {
  const pixels = new Uint32Array(ROWS * across)
  const row = new Float32Array(ROWS)
  const [bottom, top] = y.domain
  const wide = x.range[1] - x.range[0]
  const last = spreads.step.length - 1
  // the newest entry is worth as many steps as the one before it was
  const end = last > 0 ? 2 * spreads.step[last] - spreads.step[last - 1] : spreads.step[0] + 1
  let column = -1
  let before = -1
  for (let at = 0; at < across; at++) {
    const step = valueAt(x, x.range[0] + ((at + 0.5) / across) * wide)
    const entry = step > end ? -1 : entryAt(spreads.step, step)
    if (entry < 0) continue
    if (entry === before) {
      for (let index = at; index < pixels.length; index += across) pixels[index] = pixels[index - at + column]
      continue
    }
    before = entry
    column = at
    const peak = rebin(spreads, entry, bottom, top, row)
    if (peak === 0) continue
    for (let index = 0; index < ROWS; index++) {
      if (row[index] === 0) continue
      const shade = Math.ceil(Math.sqrt(row[index] / peak) * (SHADES - 1))
      pixels[(ROWS - 1 - index) * across + at] = shades[shade]
    }
  }
  return pixels
}

/** Return SHADES colours along the stops of a ramp, as RGBA bytes in the order of ImageData. */
export function ramp(stops) {
  const bytes = new Uint8ClampedArray(SHADES * 4)
  for (let shade = 0; shade < SHADES; shade++) {
    const place = (shade / (SHADES - 1)) * (stops.length - 1)
    const index = Math.min(stops.length - 2, Math.floor(place))
    const share = place - index
    for (let part = 0; part < 3; part++) {
      bytes[shade * 4 + part] = stops[index][part] * (1 - share) + stops[index + 1][part] * share
    }
    bytes[shade * 4 + 3] = 255
  }
  return new Uint32Array(bytes.buffer)
}

function drawHeat(pen, scene, { x, y }, colours, canvas) {
  const wide = x.range[1] - x.range[0]
  const across = Math.max(1, Math.round(wide * scene.ratio))
  const pixels = heatPixels(scene.spreads, x, y, across, ramp(colours.heat))
  const bitmap = canvas(across, ROWS)
  const image = new ImageData(new Uint8ClampedArray(pixels.buffer), across, ROWS)
  bitmap.getContext("2d").putImageData(image, 0, 0)
  pen.imageSmoothingEnabled = true
  pen.drawImage(bitmap, x.range[0], y.range[1], wide, y.range[0] - y.range[1])
}

function drawQuantiles(pen, { step, quantiles }, x, y, colours) {
  const toX = placer(x)
  const toY = placer(y)
  const first = x.domain[0]
  for (const [which, dash, width, alpha, colour] of [
    [0, [2, 3], 1, 0.6, colours.text],
    [4, [2, 3], 1, 0.6, colours.text],
    [1, [], 1, 0.6, colours.surface],
    [3, [], 1, 0.6, colours.surface],
    // the median runs where the map is densest: a line in both colours is seen on any ground
    [2, [], 3.4, 0.6, colours.surface],
    [2, [], 1.5, 1, colours.text],
  ]) {
    pen.strokeStyle = colour
    pen.setLineDash(dash)
    pen.lineWidth = width
    pen.globalAlpha = alpha
    pen.beginPath()
    let isDrawing = false
    for (let index = 0; index < step.length; index++) {
      const value = quantiles[index * 5 + which]
      if (Number.isNaN(value)) {
        isDrawing = false
        continue
      }
      const at = toX(Math.max(step[index], x.kind === "log" ? first : -Infinity))
      if (isDrawing) pen.lineTo(at, toY(value))
      else pen.moveTo(at, toY(value))
      isDrawing = true
    }
    pen.stroke()
  }
  pen.setLineDash([])
  pen.globalAlpha = 1
}

function drawLimit(pen, limit, y, [left, right], colours) {
  if (typeof limit !== "number" || limit < y.domain[0] || limit > y.domain[1]) return
  const at = place(y, limit)
  pen.strokeStyle = colours.series[1]
  pen.lineWidth = 2
  pen.setLineDash([7, 4])
  pen.beginPath()
  pen.moveTo(left, at)
  pen.lineTo(right, at)
  pen.stroke()
  pen.setLineDash([])
}

/** Values that are not finite have no place on the axis: a bar along the top edge, as long as they lasted. */
function drawBad(pen, { step, bad }, x, colours) {
  const toX = placer(x)
  pen.fillStyle = colours.bad
  for (let index = 0; index < step.length; index++) {
    if (!(bad[index] > 0)) continue
    const at = toX(step[index])
    const next = index + 1 < step.length ? toX(step[index + 1]) : at + 3
    pen.fillRect(at, 2, Math.max(3, next - at), 5)
  }
}

function drawProfile(pen, { spreads, height }, { y, profile: [left, right] }, shown, colours) {
  const rows = new Float32Array(Math.min(64, Math.max(16, Math.floor((y.range[0] - y.range[1]) / 3))))
  const peak = rebin(spreads, shown, y.domain[0], y.domain[1], rows)
  const tall = (y.range[0] - y.range[1]) / rows.length
  pen.strokeStyle = colours.line
  pen.lineWidth = 1
  pen.beginPath()
  pen.moveTo(left - 0.5, 0)
  pen.lineTo(left - 0.5, height)
  pen.stroke()
  if (peak > 0) {
    const wide = right - left - 4
    pen.fillStyle = pen.strokeStyle = colours.series[0]
    pen.beginPath()
    pen.moveTo(left, y.range[0])
    rows.forEach((count, row) => {
      const across = left + (count / peak) * wide
      pen.lineTo(across, y.range[0] - row * tall)
      pen.lineTo(across, y.range[0] - (row + 1) * tall)
    })
    pen.lineTo(left, y.range[1])
    pen.globalAlpha = 0.28
    pen.fill()
    pen.globalAlpha = 1
    pen.lineWidth = 1.2
    pen.stroke()
  }
  const share = spreads.zeros[shown] / spreads.total[shown]
  if (share > 0.001) {
    // exact zeros stand apart, as a bar as long as their share
    const at = place(y, 0)
    pen.fillStyle = colours.series[1]
    pen.fillRect(left, at - 1.5, Math.max(2, share * (right - left - 4)), 3)
  }
}
