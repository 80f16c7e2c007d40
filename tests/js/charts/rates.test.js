import assert from "node:assert/strict"
import { test } from "node:test"
import { rateTicks } from "../../../static/js/charts/rates.js"

/** The learning rates of a finder, from `low` up by a decade in each hundred steps, in buckets of `width` steps. */
function finder(low, size, width = 1) {
  const start = Float64Array.from({ length: size }, (_, index) => index * width)
  return { start, width, mean: Float32Array.from(start, (step) => low * 10 ** ((step + (width - 1) / 2) / 100)) }
}

test("round learning rates stand where the finder passed them", () => {
  const ticks = rateTicks(finder(1e-5, 601), [0, 600], 12)
  assert.deepEqual(ticks.map(({ label }) => label), ["1e\u22125", "0.0001", "0.001", "0.01", "0.1", "1", "10"])
  ticks.forEach(({ value }, index) => assert.ok(Math.abs(value - index * 100) < 0.01, `${value}`))
})

test("buckets of many steps give the same places", () => {
  const ticks = rateTicks(finder(1e-5, 76, 8), [0, 600], 12)
  for (const { value, label } of ticks) if (label === "0.01") assert.ok(Math.abs(value - 300) < 0.5, `${value}`)
  assert.equal(ticks.length, 5) // the ends lie half a bucket inside
})

test("a zoomed range has the ticks of its own rates", () => {
  const ticks = rateTicks(finder(1e-5, 601), [250, 350], 12)
  assert.deepEqual(ticks.map(({ label }) => label), ["0.005", "0.01", "0.02"])
})

test("rates that do not rise have no ticks, and a rest among rising ones is passed over", () => {
  const flat = finder(1e-5, 601)
  flat.mean.fill(0.1)
  assert.deepEqual(rateTicks(flat, [0, 600], 12), [])
  const rests = finder(1e-2, 301)
  rests.mean[150] = NaN
  assert.deepEqual(rateTicks(rests, [0, 300], 12).map(({ value }) => Math.round(value)).includes(100), true)
})
