import assert from "node:assert/strict"
import { test } from "node:test"
import { columns, draw, extremes, frame } from "../../../static/js/charts/curves.js"
import { cut, nextStep, readAt, thinned, trend } from "../../../static/js/charts/lookup.js"
import { smooth } from "../../../static/js/charts/smooth.js"
import { SvgPen } from "../../../static/js/charts/svg.js"

const x = { kind: "linear", domain: [0, 1000], range: [0, 100] }
const y = { kind: "linear", domain: [0, 10], range: [100, 0] }

/** A series of single steps from plain values; what is not finite counts as bad. */
function series(values, { width = 1, from = 0 } = {}) {
  const finite = Float32Array.from(values, (value) => (Number.isFinite(value) ? value : NaN))
  const start = Float64Array.from(values, (_, index) => from + index * width)
  const bad = Float32Array.from(values, (value) => (Number.isFinite(value) ? 0 : 1))
  return { start, width, min: finite, max: finite, mean: finite, last: finite, bad, colour: 0, dash: 0 }
}

function scene(...all) {
  return { kind: "curves", width: 100, height: 100, ratio: 1, steps: [0, 1000], xKind: "linear", yKind: "linear", series: all, smoothing: 0, marks: [] }
}

test("a spike of one step in a thousand keeps its height in a hundred columns", () => {
  const line = columns(series(Array.from({ length: 1000 }, (_, step) => (step === 437 ? 9 : 1))), x, y)
  assert.ok(line.count <= 101)
  assert.equal(Math.min(...line.top.slice(0, line.count)), 10)
  assert.ok(line.isBand)
})

test("points that have room are drawn where they are", () => {
  const line = columns(series([1, 2, 3], { width: 100 }), x, y)
  assert.deepEqual([...line.across.slice(0, line.count)].map((at) => Math.round(at * 100) / 100), [4.95, 14.95, 24.95])
  assert.deepEqual([...line.middle.slice(0, line.count)], [90, 80, 70])
})

test("what is not finite is a gap in the line and a mark at its step", () => {
  const line = columns(series([1, NaN, 3, Infinity, 5], { width: 100 }), x, y)
  assert.deepEqual([...line.middle.slice(0, line.count)].map(Number.isNaN), [false, true, false, true, false])
  assert.equal(line.bad.length, 2)
})

test("zero is a gap on a log axis, and does not bend the axis", () => {
  const one = series([0, 0.1, 10])
  const view = frame({ ...scene(one), yKind: "log" })
  assert.deepEqual(view.y.domain, [0.1, 10])
  assert.ok(Number.isNaN(columns(one, x, view.y).middle[0]))
})

test("the axis of values fits what is in sight, not the rest", () => {
  const one = series(Array.from({ length: 1000 }, (_, step) => (step < 10 ? 500 : 1 + step / 1000)))
  assert.deepEqual(extremes({ ...scene(one), steps: [100, 900] }), [Math.fround(1.1), Math.fround(1.9)])
})

test("a chart without a number has axes and draws nothing", () => {
  const empty = scene(series([NaN, NaN]))
  const view = frame(empty)
  assert.deepEqual(view.yTicks, [])
  assert.deepEqual(view.y.domain, [0, 1])
})

test("the drawing of the page makes an SVG, its words escaped", () => {
  const pen = new SvgPen(100, 100)
  const colours = { line: "#ccc", muted: "#888", accent: "#00f", good: "#0f0", bad: "#f00", text: "#000", surface: "#fff", series: ["#123456"] }
  const one = { ...scene(series([1, 2, NaN, 4])), steps: [0, 3], marks: [{ step: 2, kind: "change" }] }
  draw(pen, one, frame(one), { colours })
  pen.fillText('<script>"&', 1, 1)
  const text = String(pen)
  assert.match(text, /stroke="#123456"/)
  assert.match(text, /&lt;script&gt;&quot;&amp;/)
  assert.ok(!text.includes("NaN"))
  assert.equal(text.match(/<g /g).length, text.match(/<\/g>/g).length)
})

test("smoothing starts without bias, keeps gaps, and with no weight changes nothing", () => {
  const steps = [0, 1, 2, 3, 4]
  assert.deepEqual([...smooth(steps, [5, 5, NaN, 5, 5], 0.9, 1000)].map((value) => Math.round(value * 1e9) / 1e9), [5, 5, NaN, 5, 5])
  assert.deepEqual([...smooth(steps, [1, 2, 3, 4, 5], 0, 1000)], [1, 2, 3, 4, 5])
})

test("smoothing looks the same over steps and over buckets of them", () => {
  const noise = (step) => Math.sin(step / 300) + ((step * 7919) % 100) / 200
  const steps = Array.from({ length: 4000 }, (_, step) => step)
  const buckets = Array.from({ length: 1000 }, (_, index) => index * 4)
  const fine = smooth(steps, steps.map(noise), 0.9, 4000)
  const coarse = smooth(buckets, buckets.map((step) => (noise(step) + noise(step + 1) + noise(step + 2) + noise(step + 3)) / 4), 0.9, 4000)
  for (const index of [200, 500, 999]) assert.ok(Math.abs(fine[index * 4 + 3] - coarse[index]) < 0.03, `${fine[index * 4 + 3]} and ${coarse[index]}`)
})

test("a read-out shows the newest value at or before a step", () => {
  const epochs = series([1, 2, 3], { width: 1 })
  epochs.start.set([10, 20, 30])
  assert.equal(readAt(epochs, 9), null)
  assert.equal(readAt(epochs, 25).value, 2)
  assert.equal(readAt(epochs, null).value, 3)
  assert.equal(nextStep([epochs], 20, 1), 30)
  assert.equal(nextStep([epochs], 20, -1), 10)
})

test("a part that is cut out reaches one bucket beyond its range", () => {
  const part = cut(series(Array.from({ length: 100 }, (_, step) => step)), [40, 50])
  assert.deepEqual([part.start[0], part.start.at(-1)], [39, 51])
})

test("a trend compares the last tenth with the one before", () => {
  assert.equal(trend(series(Array.from({ length: 50 }, (_, step) => 100 - step))), "falling")
  assert.equal(trend(series(Array.from({ length: 50 }, (_, step) => step))), "rising")
  assert.equal(trend(series([1, 1, 1])), "steady")
})

test("a table takes even steps and always the last", () => {
  assert.equal(thinned(1234, 100).at(-1), 1233)
  assert.ok(thinned(1234, 100).length <= 100)
  assert.deepEqual(thinned(0, 100), [])
})
