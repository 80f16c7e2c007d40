// Points as text and back, and what is no point.

import assert from "node:assert/strict"
import test from "node:test"
import { MOST, fromText, nearest, rounded, toTable, toText } from "../../../static/js/data/points.js"

const POINTS = [{ x: 1, y: -2.25, kind: 1 }, { x: -10, y: 10, kind: 4 }]

test("what is written is read again", () => {
  assert.deepEqual(fromText(toText(POINTS, false)), { points: POINTS })
  assert.equal(toTable(POINTS, false), "x,y,class\n1,-2.25,1\n-10,10,4\n")
  assert.equal(toTable(POINTS, true), "x,y\n1,-2.25\n-10,10\n")
})

test("people write points in many ways", () => {
  assert.deepEqual(fromText("x;y;class\n1;2;3\n\n 4\t5 \n").points, [{ x: 1, y: 2, kind: 3 }, { x: 4, y: 5, kind: 1 }])
  assert.deepEqual(fromText("").points, [])
})

test("what is no point says which line", () => {
  for (const [text, line] of [["1,2\nx,3", 2], ["11,0", 1], ["1", 1], ["1,2,5", 1], ["1,2,1.5", 1], ["1,2,1,1", 1], ["1,2\n\nNaN,1", 3]]) {
    assert.deepEqual(fromText(text), { line }, text)
  }
  assert.deepEqual(fromText("1,2\n".repeat(MOST + 1)), { line: MOST + 1 })
})

test("the nearest point is found within reach", () => {
  assert.equal(nearest(POINTS, 0, 0), 0)
  assert.equal(nearest(POINTS, 0, 0, 1), -1)
  assert.equal(nearest([], 0, 0), -1)
  assert.equal(rounded(12.3456), 10)
  assert.equal(rounded(-0.12345), -0.12)
})
