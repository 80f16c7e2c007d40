// An axis of learning rates under a chart of steps. Pure.
//
// While a learning-rate finder trains, the rate rises by the same factor in each step: an even axis of steps is a log
// axis of rates, and only its labels differ. Cursor, zoom and marks stay with the steps.

import { logTicks } from "./scale.js"
import { formatTick } from "./format.js"

/**
 * Return the ticks of round learning rates, at the steps where the rate passes them.
 *
 * @param {{start: Float64Array, mean: Float32Array, width: number, count?: number}} series of the learning rate
 * @param {[number, number]} steps range of steps that is shown
 * @param {number} count ticks wanted, at most
 * @returns {{value: number, label: string}[]} value: a step, rounded to a thousandth
 */
export function rateTicks(series, steps, count) {
  const points = rising(series, steps)
  if (points.length < 2) return []
  const rates = [points[0][1], points.at(-1)[1]]
  return logTicks(rates, count)
    .filter(({ minor }) => !minor)
    .map(({ value }) => ({ value: stepOf(points, value), label: formatTick(value) }))
}

/** Return [step, rate] for each bucket in the range whose rate is higher than all before it. */
function rising({ start, mean, width, count = start.length }, [from, to]) {
  const points = []
  for (let index = 0; index < count; index++) {
    const step = start[index] + (width - 1) / 2
    if (step < from || step > to || !(mean[index] > (points.at(-1)?.[1] ?? 0))) continue
    points.push([step, mean[index]])
  }
  return points
}

function stepOf(points, rate) {
  const after = Math.max(1, points.findIndex(([, value]) => value >= rate))
  const [[step, low], [next, high]] = [points[after - 1], points[after]]
  const share = Math.log(rate / low) / Math.log(high / low)
  return Math.round((step + share * (next - step)) * 1000) / 1000
}
