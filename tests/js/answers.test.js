import assert from "node:assert/strict"
import { test } from "node:test"
import { classNames, curveNames, curvesOf, matrixOf, mistakes, nearestCorner } from "../../static/js/answers.js"

const SHOT = { shape: [3, 3], counts: Uint32Array.from([8, 2, 0, 1, 5, 4, 0, 0, 0]) }

test("a matrix has the shares of its rows, and what they and its columns come to", () => {
  const { size, rows, shares, there, recall, precision, total, accuracy } = matrixOf(SHOT)
  assert.deepEqual([size, total, accuracy], [3, 20, 13 / 20])
  assert.deepEqual(rows, [[8, 2, 0], [1, 5, 4], [0, 0, 0]])
  assert.deepEqual(shares.slice(0, 2), [[0.8, 0.2, 0], [0.1, 0.5, 0.4]])
  assert.deepEqual(there, [10, 10, 0])
  assert.deepEqual(recall, [0.8, 0.5, NaN])
  assert.deepEqual(precision, [8 / 9, 5 / 7, 0])
})

test("of several labels each has a matrix of its own", () => {
  const shot = { shape: [2, 2, 2], counts: Uint32Array.from([1, 2, 3, 4, 5, 6, 7, 8]) }
  assert.deepEqual(matrixOf(shot, 1).rows, [[5, 6], [7, 8]])
  assert.deepEqual(matrixOf(shot).rows, [[1, 2], [3, 4]])
})

test("the most frequent mistakes come first, and what is right is none", () => {
  assert.deepEqual(mistakes(matrixOf(SHOT), 2), [
    { truth: 1, answer: 2, count: 4, share: 0.4 },
    { truth: 0, answer: 1, count: 2, share: 0.2 },
  ])
})

test("a curve ends where its corners repeat, and a class without one has none", () => {
  const corners = [[0, 0, Infinity], [0, 1, 0.5], [1, 1, 0.25], [0, 0, Infinity], [1, 1, 0.125], [1, 1, 0.125], ...Array(3).fill([NaN, NaN, NaN])]
  const facts = { "area.0": 1, "area.1": 0.5, "area.2": NaN, "false.0": 0, "true.0": 1 }
  const curves = curvesOf({ shape: [3, 3, 3], counts: Float32Array.from(corners.flat()), facts })
  assert.deepEqual(curves.map(({ x, y, area }) => [[...x], [...y], area]), [[[0, 0, 1], [0, 1, 1], 1], [[0, 1], [0, 1], 0.5], [[], [], NaN]])
  assert.deepEqual(curves[0].answered, { x: 0, y: 1 })
  assert.deepEqual([...curves[1].threshold], [Infinity, 0.125])
  const { curve, corner } = nearestCorner(curves, [0.05, 0.9], { width: 100, height: 100 })
  assert.deepEqual([curve, corner], [0, 1])
})

test("classes have names, or their numbers; of two classes the second has the curve", () => {
  assert.deepEqual(classNames({ classes: ["no", "yes"], outputs: 1, problem: { kind: "binary" } }), ["no", "yes"])
  assert.deepEqual(classNames({ outputs: 1, problem: { kind: "binary" } }), ["0", "1"])
  assert.deepEqual(classNames({ outputs: 3, problem: { kind: "classes" } }), ["0", "1", "2"])
  assert.deepEqual(curveNames({ classes: ["no", "yes"], outputs: 1, problem: { kind: "binary" } }), ["yes"])
  assert.deepEqual(curveNames({ classes: ["a", "b"], outputs: 2, problem: { kind: "labels" } }), ["a", "b"])
  assert.deepEqual(classNames(undefined), [])
})
