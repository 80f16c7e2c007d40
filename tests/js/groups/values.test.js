// Lists of values as one types them and as a range makes them; how means with spreads are written.

import assert from "node:assert/strict"
import test from "node:test"
import { nearest } from "../../../static/js/charts/nearest.js"
import { inOrder, spreadText } from "../../../static/js/groups/metrics.js"
import { areInARow, listed, range, readValues } from "../../../static/js/groups/values.js"
import { looksOf, ranksOf } from "../../../static/js/groups/variant_looks.js"

test("numbers are apart by commas, semicolons or spaces, and what is none stays as it was typed", () => {
  assert.deepEqual(readValues("0.1, 1e-3;  5 x", "number"), [0.1, 0.001, 5, "x"])
  assert.deepEqual(readValues(" , ", "number"), [])
})

test("lists are apart by semicolons and read again as they are written", () => {
  const lists = readValues("16, 16; [64]; 8 8 8", "list")
  assert.deepEqual(lists, [[16, 16], [64], [8, 8, 8]])
  assert.deepEqual(readValues(listed(lists, "list"), "list"), lists)
  assert.deepEqual(readValues("16, many; 3", "list"), ["16, many", [3]])
})

test("a range has both ends, at even distances or even ratios", () => {
  assert.deepEqual(range(0, 1, 5, { scale: "linear" }), [0, 0.25, 0.5, 0.75, 1])
  assert.deepEqual(range(1e-4, 1, 5, { scale: "log" }), [0.0001, 0.001, 0.01, 0.1, 1])
  assert.deepEqual(range(16, 128, 4, { scale: "log", whole: true }), [16, 32, 64, 128])
  assert.deepEqual(range(1, 3, 9, { scale: "linear", whole: true }), [1, 2, 3])
})

test("a range that cannot be is none", () => {
  for (const [from, to, count, scale] of [[0, 1, 5, "log"], [NaN, 1, 5, "linear"], [0, 1, 1, "linear"], [0, 1, 2.5, "linear"], [0, 1, 101, "linear"]]) {
    assert.equal(range(from, to, count, { scale }), null)
  }
})

test("numbers that follow one another are told from others", () => {
  assert.ok(areInARow([3, 4, 5]))
  assert.ok(!areInARow([1, 3]))
  assert.ok(!areInARow([0.5, 1.5]))
})

test("a mean is written to the place of its spread", () => {
  assert.equal(spreadText("validation.accuracy", 0.9617, 0.0042), "96.2 \u00b1 0.4 %")
  assert.equal(spreadText("validation.loss", 0.16987, 0.00409), "0.1699 \u00b1 0.0041")
  assert.equal(spreadText("validation.loss", 12.34, 3.2), "12.3 \u00b1 3.2")
  assert.equal(spreadText("validation.loss", 0.5, NaN), "0.5")
  assert.equal(spreadText("validation.loss", null, null), "\u2013")
})

test("what judges the runs comes first", () => {
  const names = ["loss.data", "optimizer.lr", "gradient_norm.all", "train.loss", "validation.loss", "validation.accuracy"]
  assert.deepEqual(inOrder(names), ["validation.accuracy", "validation.loss", "train.loss", "loss.data", "optimizer.lr", "gradient_norm.all"])
})

test("the nearest line is found between its points, and none beyond reach", () => {
  const line = (name, ...mean) => ({ name, series: { start: Float64Array.of(0, 10), mean: Float32Array.from(mean) } })
  const view = { x: { kind: "linear", domain: [0, 10], range: [0, 100] }, y: { kind: "linear", domain: [0, 1], range: [100, 0] } }
  const lines = [line("low", 0, 0.2), line("high", 1, 0.8)]
  assert.equal(nearest(lines, view, { x: 50, y: 88 }, 14).name, "low")
  assert.ok(Math.abs(nearest(lines, view, { x: 50, y: 12 }, 14).value - 0.9) < 1e-6)
  assert.equal(nearest(lines, view, { x: 50, y: 50 }, 14), null)
})

test("up to eight variants have the colours of series, more of them stand along a ramp, no two alike", () => {
  const variants = (n) => Array.from({ length: n }, (_, at) => ({ label: `lr ${(0.001 * 2 ** at).toPrecision(3)}` }))
  assert.deepEqual(looksOf(variants(8)).map(({ colour }) => colour), [0, 1, 2, 3, 4, 5, 6, 7])
  const looks = looksOf(variants(20))
  const colours = looks.map(({ colour }) => colour)
  assert.deepEqual([colours[0], colours.at(-1)], [8, 32])
  assert.deepEqual(colours, [...new Set(colours)].sort((a, b) => a - b))
  assert.equal(new Set(looksOf(variants(60)).map(({ colour, dash }) => `${colour} ${dash}`)).size, 60)
})

test("a sweep of one number stands along the ramp by its size, whatever order it came in", () => {
  assert.deepEqual(ranksOf(["lr 0.1, seed 2", "lr 1e-3, seed 2", "lr 0.01, seed 2"]), [2, 0, 1])
  assert.deepEqual(ranksOf(["adam", "sgd", "lr 3"]), [0, 1, 2])
  assert.deepEqual(ranksOf(["lr 2, l2 1", "lr 1, l2 2"]), [0, 1])
})
