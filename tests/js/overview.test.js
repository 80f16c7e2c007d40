import assert from "node:assert/strict"
import { test } from "node:test"
import { MOST, Overview } from "../../static/js/overview.js"

function filled(steps, value = (step) => step) {
  const overview = new Overview()
  for (let step = 1; step <= steps; step++) overview.push(step, value(step))
  return overview
}

test("up to 2,000 points every point is a bucket of its own", () => {
  const overview = filled(MOST)
  assert.equal(overview.width, 1)
  assert.equal(overview.count, MOST)
  assert.deepEqual([...overview.start.slice(0, 3)], [1, 2, 3])
})

test("one point more doubles the width and merges neighbours", () => {
  const overview = filled(MOST + 1)
  assert.equal(overview.width, 2)
  assert.equal(overview.count, 1001)
  assert.deepEqual([overview.start[1], overview.min[1], overview.max[1], overview.mean[1], overview.last[1]], [2, 2, 3, 2.5, 3])
})

test("a spike of one step in a million is still there", () => {
  const overview = filled(1_000_000, (step) => (step === 412_346 ? 99 : 0))
  assert.ok(overview.count <= MOST)
  assert.equal(Math.max(...overview.max), 99)
})

test("what is not finite is counted, and leaves the extremes alone", () => {
  const overview = new Overview()
  for (const value of [NaN, 2, Infinity, -Infinity, 1]) overview.push(7, value)
  assert.deepEqual([overview.min[0], overview.max[0], overview.last[0], overview.counts[0], overview.bad[0]], [1, 2, 1, 2, 3])
})

test("a bucket without a finite value is NaN", () => {
  const overview = new Overview()
  overview.push(1, NaN)
  assert.ok([overview.min[0], overview.max[0], overview.mean[0], overview.last[0]].every(Number.isNaN))
})

test("a sparse series keeps its points however far apart they are", () => {
  const overview = new Overview()
  for (let i = 1; i <= 100; i++) overview.push(i * 100_000, i)
  assert.equal(overview.width, 1)
  assert.equal(overview.start[99], 10_000_000)
})

test("truncating drops what begins later, and the curve goes on from there", () => {
  const overview = filled(100)
  overview.truncate(40)
  assert.equal(overview.count, 40)
  overview.push(41, -1)
  assert.equal(overview.last[40], -1)
})

test("a point that goes back is left out", () => {
  const overview = filled(10)
  overview.push(3, 99)
  assert.equal(Math.max(...overview.max), 10)
})
