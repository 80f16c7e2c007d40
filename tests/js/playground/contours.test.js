import assert from "node:assert/strict"
import { test } from "node:test"
import { contour, decode, levelsOf } from "../../../static/js/playground/contours.js"

/** A grid of a function over [-1, 1] in both directions. */
function grid(height, size = 41) {
  const at = (index) => (index / (size - 1)) * 2 - 1
  const heights = Float32Array.from({ length: size * size }, (_, place) => height(at(place % size), at(Math.floor(place / size))))
  return { heights, rows: size, columns: size }
}

const toPlane = (place, size = 41) => (place / (size - 1)) * 2 - 1

function points(pieces) {
  const found = []
  for (let index = 0; index < pieces.length; index += 2) found.push([toPlane(pieces[index]), toPlane(pieces[index + 1])])
  return found
}

test("the contour of a round bowl is a circle, closed", () => {
  const pieces = contour(grid((x, y) => x * x + y * y), 0.49)
  const found = points(pieces)
  assert.ok(found.length > 100)
  for (const [x, y] of found) assert.ok(Math.abs(Math.hypot(x, y) - 0.7) < 0.002, `${x}, ${y}`)
  const ends = new Map()
  for (const [x, y] of found) {
    const key = `${x.toFixed(6)},${y.toFixed(6)}`
    ends.set(key, (ends.get(key) ?? 0) + 1)
  }
  assert.ok([...ends.values()].every((count) => count % 2 === 0), "each end meets another")
})

test("a level that is nowhere has no contour", () => {
  assert.deepEqual(contour(grid((x, y) => x + y), 5), [])
})

test("the two lines through a saddle's cell do not cross", () => {
  // heights 1 0 / 0 1: the middle is 0.5, on the lower side of 0.6 and on the upper side of 0.4
  const square = { heights: Float32Array.of(1, 0, 0, 1), rows: 2, columns: 2 }
  const low = contour(square, 0.6)
  const high = contour(square, 0.4)
  assert.equal(low.length, 8)
  const around = (pieces) => [0, 4].map((from) => [(pieces[from] + pieces[from + 2]) / 2, (pieces[from + 1] + pieces[from + 3]) / 2].map((one) => one > 0.5))
  assert.deepEqual(around(low), [[false, false], [true, true]]) // each cuts off one high corner
  assert.deepEqual(around(high).map(([x, y]) => x === y), [false, false]) // each cuts off one low corner
})

test("levels stand a half decade apart over the lowest point", () => {
  const levels = levelsOf(grid((x, y) => 10 * (x * x + y * y) + 3), 3)
  assert.equal(levels.length, 9)
  const above = levels.map((level) => level - 3)
  assert.ok(Math.abs(above.at(-1) - 10) < 1e-9 && Math.abs(above.at(-2) - 3) < 1e-9 && Math.abs(above.at(-3) - 1) < 1e-9, `${above}`)
})

test("the levels of a saddle go up and down from it", () => {
  const levels = levelsOf(grid((x, y) => x * x - y * y), 0, true)
  assert.equal(levels.length, 9)
  assert.equal(levels[4], 0)
  assert.deepEqual(levels.slice(0, 4).map((level) => -level).toReversed(), levels.slice(5))
})

test("heights come back from base64", () => {
  const heights = Float32Array.of(0.5, -2, 1e9)
  assert.deepEqual(decode(Buffer.from(heights.buffer).toString("base64")), heights)
})
