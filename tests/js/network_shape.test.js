// Where the boxes of a network's picture stand.

import assert from "node:assert/strict"
import test from "node:test"
import { shapeOf, wordsOf } from "../../static/js/network_shape.js"

const step = (name, shape, takes, weight = [1]) => ({ name, kind: "k", shape, takes, weight })
const PLAIN = { input_shape: [1, 8, 8], layers: [step("a", [16, 8, 8], ["input"]), step("b", [4], ["a"], null), step("output", [10], ["b"])] }
const AROUND = {
  input_shape: [1, 8, 8],
  layers: [
    step("one", [8, 8, 8], ["input"]),
    step("r a", [8, 8, 8], ["one"]), step("r b", [8, 8, 8], ["r a", "one"]),
    step("s a", [9, 4, 4], ["r b"]), step("s skip", [9, 4, 4], ["r b"]), step("s b", [9, 4, 4], ["s a", "s skip"]),
    step("output", [10], ["s b"]),
  ],
}

test("boxes stand below one another, and the one that gives the most values is the widest", () => {
  const { boxes, lines, ways } = shapeOf(PLAIN)
  assert.deepEqual(boxes.map(({ step, end }) => [step.name, end]), [["input", "input"], ["a", ""], ["b", ""], ["output", "output"]])
  assert.equal(lines.length, 3)
  assert.deepEqual(ways, [])
  const widths = boxes.map(({ width }) => width)
  assert.ok(widths[1] > widths[0] && widths[0] > widths[3] && widths[3] > widths[2], String(widths))
  assert.ok(boxes.every(({ y }, at) => at === 0 || y > boxes[at - 1].y + boxes[at - 1].height))
})

test("a way around begins where the block begins, and what projects it stands on the way and not in the row", () => {
  const { boxes, ways } = shapeOf(AROUND)
  assert.deepEqual(boxes.map(({ step }) => step.name), ["input", "one", "r a", "r b", "s a", "s b", "output"])
  assert.deepEqual(ways.map(({ from, to, side }) => [from.step.name, to.step.name, side?.name]), [["one", "r b", undefined], ["r b", "s b", "s skip"]])
})

test("everything lies within the picture, ways around left of the boxes", () => {
  const { width, height, boxes, ways, texts } = shapeOf(AROUND)
  for (const box of boxes) assert.ok(box.x > 0 && box.x + box.width < texts && texts < width && box.y + box.height <= height)
  for (const { lane, from, to } of ways) assert.ok(lane > 0 && lane < from.x && lane < to.x)
})

test("a plan of an older run says nothing of what a step takes: the one before it", () => {
  const old = { input_shape: [2], layers: PLAIN.layers.map(({ name, shape }) => ({ name, shape })) }
  assert.deepEqual(shapeOf(old).boxes.map(({ step }) => step.name), ["input", "a", "b", "output"])
})

test("a network of one layer, and of single numbers, has a picture as well", () => {
  const { boxes } = shapeOf({ input_shape: [1], layers: [step("output", [1], ["input"])] })
  assert.ok(boxes.every(({ width }) => width > 0 && Number.isFinite(width)))
})

test("in words it goes from the input to the output", () => {
  assert.equal(wordsOf(PLAIN), "input 1×8×8, a 16×8×8, b 4, output 10")
})

test("dropout strikes out its share of the units of each step that it acts on, by layer and at the input", () => {
  const plan = { ...PLAIN, layers: PLAIN.layers.map((one) => ({ ...one, drops: one.name !== "output" })) }
  const struck = (dropout) => shapeOf(plan, dropout).boxes.map(({ units }) => units.filter((one) => one.struck).length / (units.length || 1))
  assert.deepEqual(struck({ enabled: false, rate: 0.5 }), [0, 0, 0, 0])
  const [input, a, b, output] = struck({ enabled: true, rate: 0.5, input_rate: 0, per_layer: { a: 0.2 } })
  assert.deepEqual([input, b, output], [0, 0.5, 0])
  assert.ok(a > 0.1 && a < 0.3, String(a))
  const most = struck({ enabled: true, rate: 0.95, input_rate: 0.01, per_layer: {} })
  assert.ok(most.slice(0, 3).every((share) => share > 0 && share < 1), "one is always left, and one always struck")
})

test("the units of a box stand on it, evenly, and leave its middle to the line that comes out of it", () => {
  const plan = { ...PLAIN, layers: PLAIN.layers.map((one) => ({ ...one, drops: true })) }
  for (const { x, width, units } of shapeOf(plan, { enabled: true, rate: 0.5, input_rate: 0.2 }).boxes) {
    assert.ok(units.every((one) => one.x > x && one.x < x + width))
    assert.ok(units.every((one) => Math.abs(one.x - (x + width / 2)) > 5))
  }
})
