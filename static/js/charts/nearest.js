// Which of many lines is nearest to a point on a chart. Pure.

import { entryAt } from "./bins.js"
import { place, valueAt } from "./scale.js"

/**
 * Return the line that passes nearest to a pixel, with its value there; null when none is within `reach` pixels.
 *
 * @template {{series: {start: Float64Array, mean: Float32Array}}} L
 * @param {L[]} lines
 * @param {{x: import("./scale.js").Scale, y: import("./scale.js").Scale}} view scales of what is drawn
 * @param {{x: number, y: number}} at
 * @param {number} reach
 * @returns {(L & {value: number})|null}
 */
export function nearest(lines, view, at, reach) {
  const step = valueAt(view.x, at.x)
  let best = null
  let least = reach
  for (const line of lines) {
    const value = between(line.series, step)
    const distance = Math.abs(place(view.y, value) - at.y)
    if (distance < least) {
      least = distance
      best = { ...line, value }
    }
  }
  return best
}

/** Return the value of a line at a step, on the straight line between the points about it; NaN beside it. */
function between({ start, mean }, step) {
  const before = entryAt(start, step)
  if (before < 0 || before >= start.length) return NaN
  if (before === start.length - 1) return step - start[before] < 1e-9 ? mean[before] : NaN
  const share = (step - start[before]) / (start[before + 1] - start[before])
  return mean[before] + share * (mean[before + 1] - mean[before])
}
