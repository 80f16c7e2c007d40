import assert from "node:assert/strict"
import { test } from "node:test"
import { binOfZero, entryAt, pack, rebin, valueRange, withLimit } from "../../../static/js/charts/bins.js"
import { limitOf } from "../../../static/js/charts/limits.js"
import { chosen } from "../../../static/js/charts/ridges.js"
import { frame, heatPixels, ramp } from "../../../static/js/charts/spread.js"
import { averageCost, inTurn } from "../../../static/js/charts/turns.js"

const BINS = 64

function entry(step, { low = -1, high = 1, zeros = 0, counts = new Uint32Array(BINS).fill(10), ...facts } = {}) {
  const quantiles = { q05: low * 0.9, q25: low / 2, q50: 0, q75: high / 2, q95: high * 0.9 }
  const count = counts.reduce((sum, one) => sum + one, 0)
  return { step, counts, facts: { low, high, zeros, count, nan: 0, neg_inf: 0, pos_inf: 0, ...quantiles, ...facts } }
}

const total = (rows) => rows.reduce((sum, count) => sum + count, 0)

test("no value is lost or made when bins move to another axis", () => {
  const spreads = pack([entry(0), entry(1, { low: 0.3, high: 0.30001 }), entry(2, { low: 0.5, high: 0.5 })])
  const rows = new Float32Array(37)
  for (const index of [0, 1, 2]) {
    rebin(spreads, index, -2, 2, rows)
    assert.ok(Math.abs(total(rows) - 640) < 0.01, `${total(rows)} of 640`)
  }
})

test("what lies outside of the axis is left out", () => {
  const rows = new Float32Array(10)
  rebin(pack([entry(0)]), 0, 0, 1, rows)
  assert.ok(Math.abs(total(rows) - 320) < 0.01)
})

test("exact zeros are taken out of the bin that holds them", () => {
  const counts = new Uint32Array(BINS).fill(1)
  counts[0] = 501
  const rows = new Float32Array(64)
  assert.equal(binOfZero(0, 2, BINS), 0)
  assert.equal(rebin(pack([entry(0, { low: 0, high: 2, zeros: 500, counts })]), 0, 0, 2, rows), 1)
})

test("the range of values leaves out thin tails, and takes them in when asked", () => {
  const spreads = pack([entry(0, { low: -100, high: 100, q05: -1, q95: 1 })])
  assert.deepEqual(valueRange(spreads, [0, 10], false).map((value) => Math.round(value * 10) / 10), [-2.2, 2.2])
  assert.deepEqual(valueRange(spreads, [0, 10], true), [-100, 100])
})

test("a limit is on the axis unless it is far above the values", () => {
  assert.deepEqual(withLimit([0.5, 1], 2), [0.5, 2])
  assert.deepEqual(withLimit([0.5, 1], 0.2), [0.2, 1])
  assert.deepEqual(withLimit([0.5, 1], 5), [0.5, 1])
  assert.deepEqual(withLimit([0.5, 1], null), [0.5, 1])
  assert.ok(withLimit([NaN, NaN], 2).every(Number.isNaN))
})

test("unit norms are held by max-norm's limit while it is on, by a layer's own where it has one", () => {
  const knobs = (on) => ({ knobs: { "regularizers.max_norm": { enabled: { value: on }, limit: { value: 2 }, per_layer: { value: { output: 3 } } } } })
  assert.equal(limitOf(knobs(true), "unit_norms", "dense 1"), 2)
  assert.equal(limitOf(knobs(true), "unit_norms", "output"), 3)
  assert.equal(limitOf(knobs(false), "unit_norms", "dense 1"), null)
  assert.equal(limitOf(knobs(true), "weights", "dense 1"), null)
  assert.equal(limitOf(null, "unit_norms", "dense 1"), null)
})

test("a capture without a finite value has no range", () => {
  const spreads = pack([entry(0, { low: NaN, high: NaN, q05: NaN, q25: NaN, q50: NaN, q75: NaN, q95: NaN, nan: 640 })])
  assert.ok(valueRange(spreads, [0, 10], false).every(Number.isNaN))
  assert.equal(frame({ width: 300, height: 200, steps: [0, 10], xKind: "linear", whole: false, spreads }).yTicks.length, 0)
})

test("a column of the heat map shows the newest capture at its step", () => {
  const low = new Uint32Array(BINS)
  const high = new Uint32Array(BINS)
  low[0] = 5
  high[63] = 5
  const spreads = pack([entry(0, { counts: low }), entry(50, { counts: high })])
  const view = { x: { kind: "linear", domain: [0, 100], range: [0, 10] }, y: { kind: "linear", domain: [-1, 1], range: [96, 0] } }
  const pixels = heatPixels(spreads, view.x, view.y, 10, ramp([[0, 0, 0], [255, 255, 255]]))
  const lit = (column) => Array.from({ length: 96 }, (_, row) => row).filter((row) => pixels[row * 10 + column] !== 0)
  assert.ok(lit(2).every((row) => row > 90) && lit(2).length > 0)
  assert.ok(lit(7).every((row) => row < 5) && lit(7).length > 0)
})

test("the entry at a step is the newest that is not after it", () => {
  assert.deepEqual([-1, 0, 7, 10, 99, null].map((step) => entryAt([0, 10, 20], step)), [-1, 0, 0, 1, 2, 2])
})

test("ridges are at most eighteen, the one asked for in front", () => {
  const steps = Array.from({ length: 128 }, (_, index) => index * 10)
  assert.equal(chosen(steps, [0, 2000], null).at(-1), 127)
  assert.equal(chosen(steps, [0, 2000], 500).at(-1), 50)
  assert.ok(chosen(steps, [0, 2000], null).length <= 18)
  assert.deepEqual(chosen([], [0, 1], null), [])
})

test("a frame takes what fits into its budget, the longest waiting first, and always one", () => {
  const charts = [{ cost: 5, drawn: 3 }, { cost: 30, drawn: 1 }, { cost: 2, drawn: 2 }]
  assert.deepEqual(inTurn(charts), [charts[1]])
  assert.deepEqual(inTurn([charts[0], charts[2]]), [charts[2], charts[0]])
  assert.deepEqual(inTurn([]), [])
})

test("one slow drawing does not condemn a chart", () => {
  assert.ok(averageCost(1, 50) < 11)
})
