// Draws curves: a line of means per series, its extremes as a band, its smoothed line, and the marks of the run.
//
// A scene is plain data and drawing keeps nothing: the same code draws in the worker, on the page and into an SVG.

import { DASHES, paintOf } from "./colours.js"
import { fitLinear, fitLog, place, placer, stepTicks } from "./scale.js"
import { drawGrid, drawMarks } from "./marks.js"
import { smooth } from "./smooth.js"

const TOP = 10 // pixels kept free over the highest point, for the heads of marks
const FEW_POINTS_A_PIXEL = 1 / 12

/**
 * @typedef {object} Series one curve, a bucket an entry; `width` 1 means single steps
 * @property {Float64Array} start first step of each bucket
 * @property {number} width steps in a bucket
 * @property {Float32Array} min
 * @property {Float32Array} max
 * @property {Float32Array} mean NaN where no finite value was
 * @property {Float32Array} bad count of NaN and infinite values
 * @property {number} colour as `paintOf` takes it
 * @property {number} dash index into DASHES
 *
 * @typedef {object} CurvesScene
 * @property {number} width CSS pixels
 * @property {number} height
 * @property {"linear"|"log"} xKind
 * @property {[number, number]} steps domain of the axis of steps
 * @property {"linear"|"log"} yKind
 * @property {Series[]} series
 * @property {number} smoothing 0 to 1
 * @property {number|null} [level] a value that all is compared with: a line across
 * @property {{step: number, kind: string}[]} marks
 * @property {{value: number, label: string}[]|null} [xTicks] steps with labels of their own, in place of round ones
 * @property {Series[]} [ghosts] behind the others, pale and thin: what later attempts superseded; or, with `isRun`, the
 *   single runs of a variant. `dash` is not theirs to choose
 */

/** Return scales and ticks of a scene: what the page needs for its labels and its crosshair. */
export function frame(scene) {
  const { width, height } = scene
  const steps = scene.xKind === "log" ? [Math.max(1, scene.steps[0]), Math.max(2, scene.steps[1])] : scene.steps
  const x = { kind: scene.xKind, domain: steps, range: [0, width] }
  const [low, high] = extremes(scene)
  const count = Math.max(2, Math.round(height / 44))
  const fitted = Number.isNaN(low)
    ? { domain: scene.yKind === "log" ? [0.1, 1] : [0, 1], ticks: [], step: 1 }
    : scene.yKind === "log"
      ? fitLog(low, high, count)
      : fitLinear(low, high, count)
  const y = { kind: scene.yKind, domain: fitted.domain, range: [height - 1, TOP] }
  return { x, y, xTicks: scene.xTicks ?? stepTicks(x, Math.min(12, width / 80)), yTicks: fitted.ticks, yStep: fitted.step, stepAxis: "x" }
}

/** Draw a scene with a 2-D context, or with anything that has the same verbs. */
export function draw(pen, scene, { x, y, xTicks, yTicks }, { colours }) {
  drawGrid(pen, scene, { x, y, xTicks, yTicks }, colours)
  pen.save()
  pen.beginPath()
  pen.rect(0, 0, scene.width, scene.height)
  pen.clip()
  if (yTicks.length > 0) drawMarks(pen, scene, x, colours)
  if (yTicks.length > 0 && Number.isFinite(scene.level)) drawLevel(pen, scene, y, colours)
  pen.lineJoin = "round"
  const span = x.domain[1] - x.domain[0]
  for (const ghost of scene.ghosts ?? []) drawGhost(pen, ghost, scene, { x, y }, colours)
  // what has few points lies over what has many, or would be lost in its noise
  for (const series of scene.series.toSorted((one, other) => other.start.length - one.start.length)) {
    const line = columns(series, x, y)
    pen.strokeStyle = pen.fillStyle = paintOf(colours, series.colour)
    if (line.isBand) {
      pen.globalAlpha = scene.smoothing > 0 ? 0.13 : 0.2
      fillBand(pen, line)
    }
    const isSparse = line.count < scene.width * FEW_POINTS_A_PIXEL
    pen.globalAlpha = scene.smoothing > 0 ? 0.32 : 1
    pen.lineWidth = scene.smoothing > 0 ? 1 : line.isBand ? 1.3 : 1.7
    pen.setLineDash(scene.smoothing > 0 ? [] : DASHES[series.dash])
    strokeLine(pen, line, isSparse)
    if (scene.smoothing > 0) {
      const mean = smooth(series.start, series.mean, scene.smoothing, span)
      pen.globalAlpha = 1
      pen.lineWidth = 1.8
      pen.setLineDash(DASHES[series.dash])
      strokeLine(pen, columns({ ...series, mean, min: mean, max: mean }, x, y), false)
    }
    pen.setLineDash([])
    pen.globalAlpha = 1
    drawBad(pen, line, colours)
  }
  pen.restore()
}

/** A line behind the others: pale and thin, and dashed when it is superseded, so that nobody takes it for what holds. */
function drawGhost(pen, ghost, { smoothing }, { x, y }, colours) {
  const line = columns(ghost, x, y)
  pen.strokeStyle = pen.fillStyle = paintOf(colours, ghost.colour)
  pen.globalAlpha = 0.1
  if (line.isBand) fillBand(pen, line)
  const mean = smoothing > 0 ? smooth(ghost.start, ghost.mean, smoothing, x.domain[1] - x.domain[0]) : ghost.mean
  pen.globalAlpha = ghost.isRun ? 0.4 : 0.6
  pen.lineWidth = 1
  pen.setLineDash(ghost.isRun ? [] : [4, 3])
  strokeLine(pen, columns({ ...ghost, mean, min: mean, max: mean }, x, y), false)
  pen.setLineDash([])
  pen.globalAlpha = 1
}

function drawLevel(pen, { width, level }, y, colours) {
  const at = Math.round(place(y, level)) + 0.5
  pen.strokeStyle = colours.text
  pen.globalAlpha = 0.7
  pen.lineWidth = 1
  pen.setLineDash([7, 4])
  pen.beginPath()
  pen.moveTo(0, at)
  pen.lineTo(width, at)
  pen.stroke()
  pen.setLineDash([])
  pen.globalAlpha = 1
}

/** Return the least and the greatest finite value shown, the level among them; [NaN, NaN] when there is none. */
export function extremes({ series, ghosts = [], steps, yKind, level = null }) {
  let low = Infinity
  let high = -Infinity
  const floor = yKind === "log" ? 0 : -Infinity
  for (const { start, width, min, max, mean } of [...series, ...ghosts]) {
    for (let index = 0; index < start.length; index++) {
      if (start[index] + width <= steps[0] || start[index] > steps[1]) continue
      // a band that reaches down to zero has no place on a log axis; its mean may have
      const least = min[index] > floor ? min[index] : mean[index]
      if (least > floor && least < low) low = least
      if (max[index] > floor && max[index] > high) high = max[index]
    }
  }
  if (low > high) return [NaN, NaN]
  return level === null || level <= floor ? [low, high] : [Math.min(low, level), Math.max(high, level)]
}

/**
 * Return a series in pixels, with at most one point a pixel column and no extreme lost.
 *
 * Points of one column merge: lowest low, highest high, mean of the means. NaN in `middle` is a gap.
 *
 * @returns {{count: number, isBand: boolean, across: Float64Array, middle: Float64Array, top: Float64Array,
 *   bottom: Float64Array, bad: number[]}} bad: where on the x axis something was not finite
 */
export function columns({ start, width, min, max, mean, bad }, x, y) {
  const toX = placer(x)
  const toY = placer(y)
  const size = start.length
  const across = new Float64Array(size)
  const middle = new Float64Array(size)
  const top = new Float64Array(size)
  const bottom = new Float64Array(size)
  const badAt = []
  const centre = (width - 1) / 2
  const [first, last] = x.domain
  const room = (last - first) * 0.02 + width // neighbours just outside keep the line running to the edge
  const isCrowded = size > 1 && (toX(start[size - 1]) - toX(Math.max(start[0], first))) / size < 1
  let at = -1
  let column = NaN
  let merged = 0
  let isBand = false
  for (let index = 0; index < size; index++) {
    const step = start[index]
    if (step + width < first - room || step > last + room) continue
    const pixel = x.kind === "log" ? toX(Math.max(step + centre, first)) : toX(step + centre)
    if (bad?.[index] > 0) badAt.push(pixel)
    const height = finite(toY(mean[index]))
    const high = finite(toY(max[index]))
    const low = finite(toY(min[index]))
    const here = isCrowded ? Math.floor(pixel) : index
    if (here === column && !Number.isNaN(height) && !Number.isNaN(middle[at])) {
      merged++
      middle[at] += (height - middle[at]) / merged
      if (high < top[at]) top[at] = high
      if (low > bottom[at]) bottom[at] = low
    } else if (here !== column || !Number.isNaN(height)) {
      at++
      merged = 1
      column = here
      across[at] = pixel
      middle[at] = height
      top[at] = Number.isNaN(high) ? height : high
      bottom[at] = Number.isNaN(low) ? Math.max(height, y.range[0]) : low
    }
    if (bottom[at] - top[at] > 1) isBand = true
  }
  return { count: at + 1, isBand, across, middle, top, bottom, bad: badAt }
}

function finite(pixel) {
  return Number.isFinite(pixel) ? pixel : NaN
}

function strokeLine(pen, { count, across, middle }, isSparse) {
  const lonely = []
  let isDrawing = false
  pen.beginPath()
  for (let index = 0; index < count; index++) {
    if (Number.isNaN(middle[index])) {
      isDrawing = false
      continue
    }
    if (isDrawing) pen.lineTo(across[index], middle[index])
    else pen.moveTo(across[index], middle[index])
    const isAlone = !isDrawing && (index + 1 >= count || Number.isNaN(middle[index + 1]))
    if (isSparse || isAlone) lonely.push(index)
    isDrawing = true
  }
  pen.stroke()
  pen.setLineDash([])
  for (const index of lonely) {
    pen.beginPath()
    pen.arc(across[index], middle[index], 2.2, 0, 2 * Math.PI)
    pen.fill()
  }
}

function fillBand(pen, { count, across, middle, top, bottom }) {
  let from = 0
  while (from < count) {
    if (Number.isNaN(middle[from])) {
      from++
      continue
    }
    let to = from
    pen.beginPath()
    for (; to < count && !Number.isNaN(middle[to]); to++) pen.lineTo(across[to], top[to])
    for (let index = to - 1; index >= from; index--) pen.lineTo(across[index], bottom[index])
    pen.closePath()
    pen.fill()
    from = to
  }
}

/** Non-finite values have no height: a cross at the top edge, where they happened. */
function drawBad(pen, { bad }, colours) {
  if (bad.length === 0) return
  pen.strokeStyle = colours.bad
  pen.lineWidth = 1.5
  pen.beginPath()
  let before = -Infinity
  for (const pixel of bad) {
    if (pixel - before < 7) continue // one cross says it for all under it
    before = pixel
    pen.moveTo(pixel - 3, 2)
    pen.lineTo(pixel + 3, 8)
    pen.moveTo(pixel + 3, 2)
    pen.lineTo(pixel - 3, 8)
  }
  pen.stroke()
}
