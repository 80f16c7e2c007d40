// How the variants of a group look in its charts and tables: up to eight in the colours of series, more of them along a ramp
// from first to last, or from least to most where they differ in one number. Pure.

import { DASHES, RAMP_COUNT, SERIES_COUNT } from "../charts/colours.js"

const NUMBER = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi
const NEIGHBOURS = 3 // dashes in turn: along a ramp it is neighbours that have to be told apart

/**
 * Return {colour, dash} for each variant.
 *
 * @param {{label: string}[]} variants in their order
 */
export function looksOf(variants) {
  if (variants.length <= SERIES_COUNT) return variants.map((_, at) => ({ colour: at, dash: at % DASHES.length }))
  const last = variants.length - 1
  return ranksOf(variants.map(({ label }) => label)).map((rank) => ({ colour: SERIES_COUNT + Math.round((rank * (RAMP_COUNT - 1)) / last), dash: rank % NEIGHBOURS }))
}

/** Return the place of each label in the order of the one number in which they all differ, else as they come. */
export function ranksOf(labels) {
  const numbers = labels.map((label) => label.match(NUMBER) ?? [])
  const words = new Set(labels.map((label) => label.replaceAll(NUMBER, "#")))
  const differing = numbers[0].map((_, at) => at).filter((at) => new Set(numbers.map((one) => one[at])).size > 1)
  const places = labels.map((_, at) => at)
  if (words.size > 1 || differing.length !== 1) return places
  const values = numbers.map((one) => Number(one[differing[0]]))
  const order = [...places].sort((a, b) => values[a] - values[b] || a - b)
  const ranks = []
  order.forEach((at, rank) => (ranks[at] = rank))
  return ranks
}
