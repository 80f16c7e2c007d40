// Histograms brought onto one common axis of values. Pure.

/**
 * @typedef {object} Spreads histograms over time, packed: entry i of n, with `bins` counts each
 * @property {Float64Array} step (n) ascending
 * @property {Float32Array} low (n) lower edge of the first bin
 * @property {Float32Array} high (n) upper edge of the last bin
 * @property {Float32Array} quantiles (n x 5) 5, 25, 50, 75 and 95 %
 * @property {Float32Array} zeros (n) exact zeros, which the counts contain too
 * @property {Float32Array} total (n) all values, finite or not
 * @property {Float32Array} bad (n) NaN and infinite values
 * @property {Float32Array} counts (n x bins)
 * @property {number} bins
 */

/** Pack the entries of a capture history for the journey to the drawing worker. */
export function pack(entries) {
  const size = entries.length
  const bins = entries[0]?.counts.length ?? 0
  const spreads = {
    step: new Float64Array(size),
    low: new Float32Array(size),
    high: new Float32Array(size),
    quantiles: new Float32Array(size * 5),
    zeros: new Float32Array(size),
    total: new Float32Array(size),
    bad: new Float32Array(size),
    counts: new Float32Array(size * bins),
    bins,
  }
  entries.forEach(({ step, facts, counts }, index) => {
    spreads.step[index] = step
    spreads.low[index] = facts.low
    spreads.high[index] = facts.high
    spreads.quantiles.set([facts.q05, facts.q25, facts.q50, facts.q75, facts.q95].map(Number), index * 5)
    spreads.zeros[index] = facts.zeros
    spreads.total[index] = facts.count
    spreads.bad[index] = badOf(facts)
    spreads.counts.set(counts.length === bins ? counts : counts.slice(0, bins), index * bins)
  })
  return spreads
}

/** Return how many values of a capture are not finite. */
export function badOf({ nan = 0, neg_inf = 0, pos_inf = 0 }) {
  return nan + neg_inf + pos_inf
}

/**
 * Return the range of values to show over some entries.
 *
 * The tails of a distribution are long and thin: by default the range ends 60 % of the middle nine tenths beyond
 * them (and never further than the values themselves), so that the shape can be seen. The page says what is left out.
 *
 * @param {Spreads} spreads
 * @param {boolean} whole every value, tails and all
 * @returns {[number, number]} [NaN, NaN] when no entry has a finite value
 */
export function valueRange({ step, low, high, quantiles }, [from, to], whole) {
  let least = Infinity
  let most = -Infinity
  let inner = Infinity
  let outer = -Infinity
  for (let index = 0; index < step.length; index++) {
    const isPast = index + 1 < step.length && step[index + 1] <= from
    if (isPast || step[index] > to || !(high[index] >= low[index])) continue
    least = Math.min(least, low[index])
    most = Math.max(most, high[index])
    inner = Math.min(inner, quantiles[index * 5])
    outer = Math.max(outer, quantiles[index * 5 + 4])
  }
  if (!(least <= most)) return [NaN, NaN]
  if (whole || !(outer > inner)) return [least, most]
  const room = (outer - inner) * 0.6
  return [Math.max(least, inner - room), Math.min(most, outer + room)]
}

/** Return a range that holds a limit too, but for one so far above the values that they would be a thin line. */
export function withLimit([low, high], limit) {
  const isNear = typeof limit === "number" && limit <= 4 * high
  return isNear ? [Math.min(low, limit), Math.max(high, limit)] : [low, high]
}

/**
 * Spread the counts of one histogram over `rows` equal rows from `bottom` to `top`.
 *
 * A bin that crosses rows is shared by overlap; what lies outside is left out. Exact zeros are taken out of the bin
 * that holds them: half of a ReLU's outputs are zero and would hide the shape of the rest.
 *
 * @param {Float32Array} into (rows) is overwritten; row 0 is at the bottom
 * @returns {number} the greatest row
 */
export function rebin(spreads, index, bottom, top, into) {
  const { bins, low, high, counts, zeros } = spreads
  const rows = into.length
  into.fill(0)
  const start = low[index]
  const width = (high[index] - start) / bins
  const rowHeight = (top - bottom) / rows
  const zeroBin = zeros[index] > 0 ? binOfZero(start, high[index], bins) : -1
  for (let bin = 0; bin < bins; bin++) {
    let count = counts[index * bins + bin]
    if (bin === zeroBin) count = Math.max(0, count - zeros[index])
    if (count === 0) continue
    const from = (start + bin * width - bottom) / rowHeight
    const to = (start + (bin + 1) * width - bottom) / rowHeight
    if (!(to - from > 1e-9)) {
      const row = Math.min(rows - 1, Math.floor(from))
      if (row >= 0 && from <= rows) into[row] += count
      continue
    }
    const last = Math.min(rows - 1, Math.ceil(to) - 1)
    for (let row = Math.max(0, Math.floor(from)); row <= last; row++) {
      into[row] += (count * (Math.min(row + 1, to) - Math.max(row, from))) / (to - from)
    }
  }
  let peak = 0
  for (let row = 0; row < rows; row++) if (into[row] > peak) peak = into[row]
  return peak
}

/** Return the bin that holds the value zero, or -1. */
export function binOfZero(low, high, bins) {
  if (low > 0 || high < 0) return -1
  if (!(high > low)) return 0
  return Math.min(bins - 1, Math.floor(((0 - low) / (high - low)) * bins))
}

/** Return the index of the newest entry at or before `step`; the last one for null, -1 when there is none. */
export function entryAt(steps, step) {
  if (step === null || step === undefined) return steps.length - 1
  let low = 0
  let high = steps.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (steps[middle] <= step) low = middle + 1
    else high = middle
  }
  return low - 1
}
