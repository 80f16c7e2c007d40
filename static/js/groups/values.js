// Lists of values, as one types them and as they are made from a range; what varies, as it stands in the URL. Pure.

const MOST = 100

/** Return the values that a text lists, each in the type of its field: "number", "list" or "text". */
export function readValues(text, kind) {
  const items = kind === "number" ? text.split(/[\s,;]+/) : text.split(kind === "list" ? /\s*[;|\n]\s*/ : /\s*[,;\n]\s*/)
  return items.map((item) => item.trim()).filter(Boolean).map((item) => valueOf(item, kind))
}

/** Return values as a text that `readValues` reads again. */
export function listed(values, kind) {
  return values.map((value) => (Array.isArray(value) ? value.join(", ") : String(value))).join(kind === "list" ? "; " : ", ")
}

/**
 * Return `count` values from one end of a range to the other, at even distances or even ratios, in three digits.
 *
 * @returns {number[]|null} null when there are none: an end is no number, or not over zero on a log scale
 */
export function range(from, to, count, { scale, whole = false }) {
  const ends = [from, to].every(Number.isFinite) && (scale !== "log" || (from > 0 && to > 0))
  if (!ends || !Number.isInteger(count) || count < 2 || count > MOST) return null
  const at = (share) => (scale === "log" ? from * (to / from) ** share : from + (to - from) * share)
  const neat = (value, isEnd) => (whole ? Math.round(value) : isEnd ? value : Number(value.toPrecision(3)))
  const values = Array.from({ length: count }, (_, index) => neat(at(index / (count - 1)), index === 0 || index === count - 1))
  return [...new Set(values.map((value) => Number(value.toPrecision(12))))]
}

/** Return whether numbers follow one another, each one more than the one before. */
export function areInARow(values) {
  return values.every((value, at) => Number.isInteger(value) && value === values[0] + at)
}

function valueOf(item, kind) {
  if (kind === "number") return Number.isFinite(Number(item)) ? Number(item) : item
  if (kind !== "list") return item
  const parts = item.replace(/^\[|\]$/g, "").split(/[\s,]+/).filter(Boolean)
  return parts.every((part) => Number.isFinite(Number(part))) ? parts.map(Number) : item
}
