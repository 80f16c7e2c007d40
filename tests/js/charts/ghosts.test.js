import assert from "node:assert/strict"
import { test } from "node:test"
import { draw, extremes, frame } from "../../../static/js/charts/curves.js"
import { unpack } from "../../../static/js/charts/ghosts.js"
import { cut, readAt } from "../../../static/js/charts/lookup.js"
import { SvgPen } from "../../../static/js/charts/svg.js"

const SEGMENT = { attempt: 1, from: 40, to: 43, bucket: 1, series: { "loss.data": [[40, 1, 1, 1], [41, 2, 9, 3], [42, null, null, null], [43, 4, 4, 4]] } }
const COLOURS = { series: Array(8).fill("rgb(1, 2, 3)"), line: "gray", bad: "red", muted: "gray" }

function scene(ghosts) {
  const flat = { start: Float64Array.of(0, 1), width: 1, min: Float32Array.of(1, 1), max: Float32Array.of(1, 1), mean: Float32Array.of(1, 1), bad: new Float32Array(2), colour: 0, dash: 0 }
  return { kind: "curves", width: 100, height: 100, ratio: 1, steps: [0, 50], xKind: "linear", yKind: "linear", series: [flat], smoothing: 0, marks: [], ghosts }
}

test("a segment of an answer becomes a series that can be cut, read and drawn", () => {
  const { attempt, series } = unpack(SEGMENT)
  const loss = series.get("loss.data")
  assert.equal(attempt, 1)
  assert.equal(readAt(loss, 41).value, 3)
  assert.ok(Number.isNaN(readAt(loss, 42).value))
  assert.deepEqual([...cut(loss, [0, 100]).max.slice(0, 2)], [1, 9])
})

test("the axis of values has room for what is superseded", () => {
  const ghost = { ...unpack(SEGMENT).series.get("loss.data"), colour: 0 }
  assert.deepEqual(extremes(scene([ghost])), [1, 9])
  assert.deepEqual(extremes(scene(undefined)), [1, 1])
})

test("a superseded line is dashed and pale, and goes into an SVG", () => {
  const ghost = { ...unpack(SEGMENT).series.get("loss.data"), colour: 0 }
  const drawn = (one) => {
    const pen = new SvgPen(100, 100)
    draw(pen, one, frame(one), { colours: COLOURS })
    return String(pen)
  }
  assert.match(drawn(scene([ghost])), /stroke-dasharray="4 3" stroke-opacity="0.6"/)
  assert.doesNotMatch(drawn(scene([])), /stroke-dasharray="4 3"/)
})
