// Reads the binary messages of the server: a JSON header, and buffers that are viewed where they lie.
//
// What is in them, byte by byte, stands in docs/protocol.md; app/wire.py writes it, and app/groups/feed.py of groups.

const ALIGN = 8
/** The arrays of each dtype that a capture may have. */
export const ARRAYS = { uint32: Uint32Array, float32: Float32Array }

/**
 * @typedef {object} Capture
 * @property {string} probe
 * @property {string} name the tensor
 * @property {number} step
 * @property {number[]} shape
 * @property {Object<string, number>} facts low, high, mean, std, q05 ... may be NaN
 * @property {Uint32Array|Float32Array} counts
 *
 * @typedef {object} Table numbers of one probe over many steps
 * @property {string} probe
 * @property {string[]} names
 * @property {Float64Array} steps
 * @property {Object<string, Float32Array>} columns by name
 *
 * @typedef {object} Spread what the runs of one variant of a group have in common; NaN where nothing is
 * @property {number} variant
 * @property {string} name of the series
 * @property {number} width steps, or epochs, that one place stands for
 * @property {Float64Array} step
 * @property {Float64Array} epoch
 * @property {Float32Array} mean
 * @property {Float32Array} low
 * @property {Float32Array} high
 * @property {Float32Array} std NaN for a single run
 * @property {Float32Array} runs how many are there
 *
 * @typedef {object} Line one series of one run of a group: run, name, width, step, epoch, mean
 */

/**
 * Return a message as its header, in which buffers stand in the place of their offsets.
 * @param {ArrayBuffer} data
 * @returns {{type: "snapshot"|"delta"|"history", captures: Capture[], tables?: Table[], overviews?: object}
 *   |{type: "group", spreads: Spread[], lines: Line[]}}
 * @throws {RangeError} the message is cut short
 */
export function decode(data) {
  const length = new DataView(data).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)))
  const begin = 4 + length
  if (header.type === "group") {
    header.spreads = header.spreads.map((one) => placesOf(data, begin, one, ["mean", "low", "high", "std", "runs"]))
    header.lines = header.lines.map((one) => placesOf(data, begin, one, ["mean"]))
    return header
  }
  header.captures = header.captures.map((one) => captureOf(data, begin, one))
  if (header.tables) header.tables = header.tables.map((one) => tableOf(data, begin, one))
  if (header.overviews) {
    for (const [name, one] of Object.entries(header.overviews)) header.overviews[name] = overviewOf(data, begin, one)
  }
  return header
}

/** Return the number that JSON holds as itself, or as "NaN", "Infinity" or "-Infinity". */
export function numberOf(value) {
  return typeof value === "string" ? Number(value) : value
}

function captureOf(data, begin, { at, dtype, facts, ...capture }) {
  const size = capture.shape.reduce((product, one) => product * one, 1)
  const numbers = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, numberOf(value)]))
  return { ...capture, facts: numbers, counts: new ARRAYS[dtype](data, begin + at, size) }
}

function tableOf(data, begin, { probe, names, count, at }) {
  const views = cut(data, begin + at, count)
  const steps = views(Float64Array)
  return { probe, names, steps, columns: Object.fromEntries(names.map((name) => [name, views(Float32Array)])) }
}

function overviewOf(data, begin, { width, count, at }) {
  const views = cut(data, begin + at, count)
  const start = views(Float64Array)
  const [min, max, mean, last, counts, bad] = Array.from({ length: 6 }, () => views(Float32Array))
  return { width, count, start, min, max, mean, last, counts, bad }
}

function placesOf(data, begin, { at, count, ...one }, names) {
  const views = cut(data, begin + at, count)
  const places = { ...one, step: views(Float64Array), epoch: views(Float64Array) }
  for (const name of names) places[name] = views(Float32Array)
  return places
}

function cut(data, at, count) {
  return (kind) => {
    const view = new kind(data, at, count)
    at += Math.ceil(view.byteLength / ALIGN) * ALIGN
    return view
  }
}
