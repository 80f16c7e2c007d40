import assert from "node:assert/strict"
import { test } from "node:test"
import { formatPoint, standing } from "../../../static/js/playground/results.js"
import { behaviour, factors, racerOf } from "../../../static/js/playground/tuning.js"

const BOWL = [0.1, 2]

test("a step of 0.95 on the bowl crawls along and zig-zags across", () => {
  const found = factors(0.95, BOWL)
  assert.deepEqual(found.map((one) => Math.round(one * 1000) / 1000), [0.905, -0.9])
  assert.equal(behaviour(found), "zigzag")
})

test("small steps crawl, large ones diverge, and some go straight", () => {
  assert.equal(behaviour(factors(0.1, BOWL)), "crawls")
  assert.equal(behaviour(factors(1.01, BOWL)), "diverges")
  assert.equal(behaviour(factors(0.5, [1, 1.5])), "straight")
})

test("a racer has its numbers as one would type them", () => {
  assert.deepEqual(racerOf({ name: "a", params: { lr: 1.33581474, momentum: 0.40260548 }, rate: 0.6 }), { name: "a", params: { lr: 1.336, momentum: 0.4026 } })
})

test("a path that has ended stands where it ended, and is gone from the step at which it left", () => {
  const path = { x: [1, 2, 3], y: [0, 0, 0], f: [1, 4, 9], length: [0, 1, 2], flips_x: [0, 0, 0], flips_y: [0, 0, 0], left: 3 }
  assert.deepEqual([standing(path, 2).x, standing(path, 2).isGone], [3, false])
  assert.deepEqual([standing(path, 7).x, standing(path, 7).isGone], [3, true])
})

test("a point has four decimals and a true minus", () => {
  assert.equal(formatPoint(-0.38716, 0.0000001), "(\u22120.3872, 0.0000)")
  assert.equal(formatPoint(-0.00001, -123456), "(0.0000, \u2212123,456)")
})
