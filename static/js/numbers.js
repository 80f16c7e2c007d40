// Numbers as people read them, and where a value stands on a slider. Pure.

/** Return a number in at most `digits` significant digits: 0.0312, 1.2e-7, NaN as "NaN". */
export function short(value, digits = 3) {
  if (value === null || value === undefined || value === "") return "–"
  if (typeof value === "string") return value
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞"
  if (value === 0) return "0"
  const size = Math.abs(value)
  if (size < 1e-4 || size >= 1e6) return value.toExponential(digits - 1).replace(/\.?0+e/, "e").replace("e+", "e")
  return String(Number(value.toPrecision(digits)))
}

/** Return a share as per cent: 97.2 %. */
export function percent(value, digits = 1) {
  return typeof value === "number" && Number.isFinite(value) ? `${(value * 100).toFixed(digits)} %` : "–"
}

/** Return bytes in the unit that fits: 1.2 MB. */
export function bytes(value) {
  const units = ["B", "kB", "MB", "GB", "TB"]
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit ? value.toPrecision(3) : value} ${units[unit]}`
}

/** Return {unit, n} for seconds: the largest unit of which there is at least one. */
export function duration(seconds) {
  for (const [unit, size] of [["days", 86400], ["hours", 3600], ["minutes", 60]]) {
    if (seconds >= size) return { unit, n: Math.round(seconds / size) }
  }
  return { unit: "seconds", n: Math.max(0, Math.round(seconds)) }
}

const END = 1000 // a slider runs from 0 to END; when zero is allowed, its first stop is zero
const ZERO = 40
const MARKS = [1, 1.5, 2, 3, 5, 7, 10]

/** Return where a value stands on a slider. */
export function toSlider(value, { low, high, scale, zero }) {
  const from = zero ? ZERO : 0
  if (scale === "linear") return clamp(((value - low) / (high - low)) * END)
  if (value <= 0) return 0
  return clamp(from + (Math.log(value / low) / Math.log(high / low)) * (END - from))
}

/** Return the neat value at a place of a slider: 1, 1.5, 2, 3, 5, 7 in each decade, or hundredths of a linear range. */
export function fromSlider(place, { low, high, scale, zero, whole }) {
  const from = zero ? ZERO : 0
  if (scale === "linear") {
    const step = whole ? Math.max(1, neatStep((high - low) / 200)) : neatStep((high - low) / 100)
    const raw = low + (place / END) * (high - low)
    return tidy(Math.min(high, Math.max(low, Math.round(raw / step) * step)))
  }
  if (zero && place < ZERO / 2) return 0
  const raw = low * (high / low) ** (Math.max(0, place - from) / (END - from))
  const decade = 10 ** Math.floor(Math.log10(raw) + 1e-9)
  const nearest = MARKS.reduce((best, one) => (Math.abs(Math.log(raw / (one * decade))) < Math.abs(Math.log(raw / (best * decade))) ? one : best))
  const neat = Math.min(high, Math.max(low, tidy(nearest * decade)))
  return whole ? Math.max(Math.ceil(low), Math.round(neat)) : neat
}

function neatStep(size) {
  const decade = 10 ** Math.ceil(Math.log10(size) - 1e-9)
  return [0.1, 0.2, 0.5, 1].map((one) => one * decade).find((one) => one >= size - 1e-12)
}

function clamp(place) {
  return Math.min(END, Math.max(0, Number.isFinite(place) ? place : 0))
}

function tidy(value) {
  return Number(value.toPrecision(6))
}
