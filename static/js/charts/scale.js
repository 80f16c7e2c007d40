// Scales and ticks: from values to pixels and to round numbers. Pure.
//
// A scale is plain data, { kind, domain, range }, so that the drawing worker can post it to the page.

/** @typedef {{kind: "linear"|"log", domain: [number, number], range: [number, number]}} Scale */
/** @typedef {{value: number, minor?: boolean, label?: string}} Tick label: what it says, where that is not its value */

/** Return where `value` lies on the scale, in pixels. On a log scale zero and below lie at -Infinity or NaN. */
export function place(scale, value) {
  return placer(scale)(value)
}

/** Return value -> pixel as a function, for loops over many values. */
export function placer({ kind, domain: [from, to], range: [start, end] }) {
  if (kind === "log") {
    const slope = (end - start) / (Math.log(to) - Math.log(from))
    const offset = start - slope * Math.log(from)
    return (value) => offset + slope * Math.log(value)
  }
  const slope = (end - start) / (to - from)
  const offset = start - slope * from
  return (value) => offset + slope * value
}

/** Return the value that lies at a pixel: the inverse of `place`. */
export function valueAt({ kind, domain: [from, to], range: [start, end] }, pixel) {
  const share = (pixel - start) / (end - start)
  if (kind === "log") return from * (to / from) ** share
  return from + (to - from) * share
}

/** Return the round step, 1, 2 or 5 times a power of ten, that cuts `span` into about `count` parts. */
export function roundStep(span, count) {
  const rough = span / Math.max(1, count)
  const power = 10 ** Math.floor(Math.log10(rough))
  const rest = rough / power
  return power * (rest < 1.5 ? 1 : rest < 3.5 ? 2 : rest < 7.5 ? 5 : 10)
}

/** Return the multiples of `step` from `low` to `high`, without the dirt of floating point. */
export function multiples(low, high, step) {
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  const found = []
  for (let index = first; index <= last; index++) found.push(Number((index * step).toPrecision(12)))
  return found
}

/**
 * Widen [low, high] to round numbers, so that an axis stays still while values move inside it.
 *
 * @param {number} count ticks wanted, roughly
 * @returns {{domain: [number, number], ticks: Tick[], step: number}}
 */
export function fitLinear(low, high, count) {
  if (!(high > low)) {
    const room = Math.abs(low) * 0.1 || 1
    low -= room
    high += room
  }
  const step = roundStep(high - low, count)
  const from = Math.floor(low / step + 1e-9) * step
  const to = Math.ceil(high / step - 1e-9) * step
  const ticks = multiples(from, to, step).map((value) => ({ value }))
  return { domain: [ticks[0].value, ticks.at(-1).value], ticks, step }
}

/** Return the largest 1, 2 or 5 times a power of ten at or under `value` (above: at or over it). */
function roundLog(value, above) {
  const power = 10 ** Math.floor(Math.log10(value))
  const steps = above ? [1, 2, 5, 10] : [10, 5, 2, 1]
  const fits = (times) => (above ? times * power >= value * (1 - 1e-9) : times * power <= value * (1 + 1e-9))
  return Number((steps.find(fits) * power).toPrecision(6))
}

/**
 * Widen [low, high], both over zero, to 1, 2 or 5 times powers of ten, with ticks for a log axis.
 *
 * Short axes also show 2 and 5; long ones only every k-th power of ten.
 *
 * @returns {{domain: [number, number], ticks: Tick[], step: 0}}
 */
export function fitLog(low, high, count) {
  const domain = [roundLog(low, false), roundLog(high, true)]
  if (!(domain[1] > domain[0])) domain[1] = roundLog(domain[0] * 1.5, true)
  return { domain, ticks: logTicks(domain, count), step: 0 }
}

/** Return the ticks of a log axis over `domain`; the minor ones get a grid line and no label. */
export function logTicks([from, to], count) {
  const decades = Math.log10(to / from)
  const labelled = decades * 3 <= count + 1 ? [1, 2, 5] : [1]
  const minor = decades <= 4 ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : [1]
  const every = Math.max(1, Math.ceil(decades / Math.max(2, count)))
  const first = Math.floor(Math.log10(from) + 1e-9)
  const last = Math.ceil(Math.log10(to) - 1e-9)
  const ticks = []
  for (let power = first; power <= last; power++) {
    for (const times of minor) {
      const value = Number((times * 10 ** power).toPrecision(6))
      if (value < from * (1 - 1e-9) || value > to * (1 + 1e-9)) continue
      const major = labelled.includes(times) && power % every === 0
      if (major || decades <= 4) ticks.push(major ? { value } : { value, minor: true })
    }
  }
  return ticks
}

/**
 * Return the ticks of a step axis: whole numbers on a linear scale, powers of ten on a log one.
 *
 * @param {Scale} scale over steps; its domain is kept as it is
 * @param {number} count ticks wanted, at most
 */
export function stepTicks(scale, count) {
  const [from, to] = scale.domain
  if (scale.kind === "log") return logTicks(scale.domain, count)
  // labels of steps are long: rather too few than two that touch
  let step = Math.max(1, roundStep(to - from, count))
  while ((to - from) / step > Math.max(1, count) * 1.1) step = Math.max(step + 1, roundStep(step * 2.1, 1))
  return multiples(from, to, step).map((value) => ({ value }))
}

// the ends an axis of steps may have, times a power of ten: each at most a third over the one before it
const ENDS = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]

/**
 * Return where the axis of steps ends while a run is at step `last`.
 *
 * A round number a little ahead: the axis then moves in rare strides, not with every step.
 *
 * @param {number} last newest step
 * @param {number} [total] steps the run will have; the axis never goes beyond
 */
export function stepEnd(last, total = Infinity) {
  if (!(last > 10)) return Math.max(1, Math.min(10, total || 10, Number.isFinite(total) ? total : 10))
  const power = 10 ** Math.floor(Math.log10(last))
  const end = ENDS.find((times) => times * power >= last) * power
  return Math.max(last, Math.min(end, total || Infinity))
}
