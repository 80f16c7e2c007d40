// Reading a series at a step, cutting a part out of it, and saying where it is going. Pure.

import { entryAt } from "./bins.js"

/** Return the part of a series, a copy, that a range of steps needs: one bucket more on each side. */
export function cut(series, [from, to]) {
  const count = series.count ?? series.start.length
  const start = series.start.subarray(0, count)
  const first = Math.max(0, entryAt(start, from) - 1)
  const last = Math.min(count, entryAt(start, to) + 2)
  const part = { width: series.width }
  for (const name of ["start", "min", "max", "mean", "bad"]) part[name] = series[name].slice(first, last)
  return part
}

/**
 * Return what a series has at a step: its newest bucket at or before it.
 *
 * @param {number|null} step null: the newest
 * @returns {{step: number, value: number, min: number, max: number, bad: number}|null}
 */
export function readAt(series, step) {
  const count = series.count ?? series.start.length
  const index = entryAt(series.start.subarray(0, count), step)
  if (index < 0) return null
  const bad = series.bad[index]
  const value = step === null ? series.last[index] : series.mean[index]
  // the newest of several may be not finite: that is what must be seen
  return { step: series.start[index], value, min: series.min[index], max: series.max[index], bad }
}

/** Return the first step of the nearest bucket before (-1) or after (1) a step, over several series. */
export function nextStep(all, step, direction) {
  let best = null
  for (const series of all) {
    const count = series.count ?? series.start.length
    const start = series.start.subarray(0, count)
    const index = entryAt(start, direction > 0 ? step : step - 1) + (direction > 0 ? 1 : 0)
    if (index < 0 || index >= count) continue
    const found = start[index]
    if (best === null || (direction > 0 ? found < best : found > best)) best = found
  }
  return best ?? step
}

/** Return "falling", "rising" or "steady": the last tenth of a series against the tenth before it. */
export function trend(series) {
  const count = series.count ?? series.start.length
  const tenth = Math.floor(count / 10)
  if (tenth < 1) return "steady"
  const mean = (from, to) => {
    let sum = 0
    let size = 0
    for (let index = from; index < to; index++) {
      if (Number.isNaN(series.mean[index])) continue
      sum += series.mean[index]
      size++
    }
    return sum / size
  }
  const before = mean(count - 2 * tenth, count - tenth)
  const now = mean(count - tenth, count)
  const change = (now - before) / (Math.abs(before) || 1)
  return change < -0.01 ? "falling" : change > 0.01 ? "rising" : "steady"
}

/** Return at most `most` indices from 0 to size - 1, even, the last one always among them. */
export function thinned(size, most) {
  const every = Math.max(1, Math.ceil(size / most))
  const indices = []
  for (let index = (size - 1) % every; index < size; index += every) indices.push(index)
  return indices
}
