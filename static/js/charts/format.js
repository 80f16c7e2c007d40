// Numbers as text: on an axis, in a read-out, as a step. Pure.

const MINUS = "\u2212"
const SUFFIXES = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
]
const GROUPED = new Intl.NumberFormat("en", { maximumFractionDigits: 0 })

/** Return a whole number with its thousands apart: 12,345. */
export function formatStep(step) {
  return GROUPED.format(Math.round(step)).replace("-", MINUS)
}

/** Return a step as short as an axis wants it: 500, 12,000, 1.2M. */
export function formatStepTick(step) {
  return Math.abs(step) >= 1e6 ? shorten(step) : formatStep(step)
}

/**
 * Return a value for a read-out: four digits that mean something, always the same width class.
 *
 * NaN and the infinities are values too and say so.
 */
export function formatValue(value) {
  if (value === undefined || value === null) return "\u2013"
  if (Number.isNaN(value)) return "NaN"
  if (!Number.isFinite(value)) return value > 0 ? "\u221e" : `${MINUS}\u221e`
  const size = Math.abs(value)
  if (size === 0) return "0"
  if (size < 1e-3 || size >= 1e6) return tidy(value.toExponential(2))
  if (size >= 1e4) return GROUPED.format(value).replace("-", MINUS)
  const text = value.toPrecision(4)
  return tidy(text.includes(".") ? text.replace(/\.?00+$/, "") : text)
}

/**
 * Return the label of a tick.
 *
 * @param {number} step distance of the ticks, which says how many decimals are needed; 0 on a log axis
 */
export function formatTick(value, step = 0) {
  const size = Math.abs(value)
  if (size === 0) return "0"
  if (size >= 1e15 || size < 1e-4 || (step > 0 && step < 1e-6)) return tidy(trimExponent(value.toExponential(1)))
  if (size >= 1e4) return shorten(value)
  if (step > 0) return tidy(value.toFixed(Math.max(0, Math.min(10, -Math.floor(Math.log10(step) + 1e-9)))))
  return tidy(String(Number(value.toPrecision(6))))
}

/** Return a share, 0 to 1, as a percentage that never says 0 % or 100 % when it is not. */
export function formatShare(share) {
  if (!Number.isFinite(share)) return "\u2013"
  const percent = share * 100
  if (percent === 0 || percent === 100) return `${percent} %`
  if (percent < 0.1) return "<0.1 %"
  if (percent > 99.9) return ">99.9 %"
  return `${percent < 10 || percent > 99 ? percent.toFixed(1) : percent.toFixed(0)} %`
}

function shorten(value) {
  const [unit, suffix] = SUFFIXES.find(([unit]) => Math.abs(value) >= unit) ?? [1, ""]
  return tidy(String(Number((value / unit).toPrecision(4)))) + suffix
}

function trimExponent(text) {
  return text.replace(".0e", "e")
}

function tidy(text) {
  return text.replace("e+", "e").replaceAll("-", MINUS)
}
