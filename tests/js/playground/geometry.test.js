import assert from "node:assert/strict"
import { test } from "node:test"
import { hessian, loss, optimum, outline, penalty, seen, way } from "../../../static/js/playground/geometry.js"

const straight = hessian(4, 0) // curvature 1 along w1, 4 along w2
const middle = [3, 1]
const hold = (kind, more = {}) => ({ kind, strength: 1, mix: 0.5, limit: 1, ...more })

function near(found, wanted, within = 1e-9) {
  found.forEach((one, index) => assert.ok(Math.abs(one - wanted[index]) < within, `${found} is not ${wanted}`))
}

/** Find the optimum without any theory: look around, ever closer. */
function searched(h, m, one) {
  const limit = { ball: (w) => Math.hypot(...w) <= one.limit, box: (w) => Math.max(...w.map(Math.abs)) <= one.limit + 1e-12 }[one.kind] ?? (() => true)
  const value = (w) => (limit(w) ? loss(h, m, w) + penalty(one, w) : Infinity)
  let best = [0, 0]
  for (let stride = 1; stride > 1e-7; stride *= 0.8) {
    for (let angle = 0; angle < 32; angle++) {
      const w = [best[0] + stride * Math.cos((angle * Math.PI) / 16), best[1] + stride * Math.sin((angle * Math.PI) / 16)]
      if (value(w) < value(best)) [best, stride] = [w, Math.min(1, stride * 1.5)]
    }
  }
  return best
}

test("with axes along the weights each optimum is as worked by hand", () => {
  near(optimum(straight, middle, hold("diamond")), [2, 0.75]) // 3 - 1, (4 - 1) / 4
  near(optimum(straight, middle, hold("disc")), [1.5, 0.8]) // 3 / (1 + 1), 4 / (4 + 1)
  near(optimum(straight, middle, hold("rounded", { strength: 2 })), [1, 0.6]) // (3 - 1) / 2, (4 - 1) / 5
  near(optimum(straight, middle, hold("box", { limit: 2 })), [2, 1])
  near(optimum(hessian(1, 0), [3, 4], hold("ball", { limit: 1 })), [0.6, 0.8])
})

test("L1 makes weights exactly zero, and L2 never does", () => {
  assert.deepEqual(optimum(straight, middle, hold("diamond", { strength: 3.5 })), [0, (4 - 3.5) / 4])
  assert.deepEqual(optimum(straight, middle, hold("diamond", { strength: 4 })), [0, 0])
  assert.ok(optimum(straight, middle, hold("disc", { strength: 1e6 })).every((one) => one !== 0))
})

test("without a strength it is the optimum of the loss alone", () => {
  for (const kind of ["diamond", "disc", "rounded"]) near(optimum(hessian(7, 33), [-2, 1.3], hold(kind, { strength: 0 })), [-2, 1.3])
  for (const kind of ["ball", "box"]) near(optimum(hessian(7, 33), [-2, 1.3], hold(kind, { limit: 5 })), [-2, 1.3])
})

test("tilted contours: no better point is found by looking", () => {
  const cases = [[9, 30, [2, 1]], [4, -50, [-1.5, 2]], [20, 80, [0.5, -2]], [2, 45, [3, 0]]]
  for (const [ratio, tilt, m] of cases) {
    const h = hessian(ratio, tilt)
    for (const kind of ["diamond", "disc", "rounded", "ball", "box"]) {
      for (const size of [0.2, 1, 3]) {
        const one = hold(kind, { strength: size, limit: size / 2 })
        const [found, best] = [optimum(h, m, one), searched(h, m, one)]
        const value = (w) => loss(h, m, w) + penalty(one, w)
        assert.ok(value(found) <= value(best) + 1e-6, `${kind} ${ratio} ${tilt} ${size}: ${found} is worse than ${best}`)
      }
    }
  }
})

test("the outline goes through the optimum and costs everywhere the same", () => {
  const h = hessian(6, 20)
  for (const kind of ["diamond", "disc", "rounded"]) {
    const one = hold(kind)
    const w = optimum(h, middle, one)
    for (const point of outline(one, w)) assert.ok(Math.abs(penalty(one, point) - penalty(one, w)) < 1e-9, `${kind} ${point}`)
  }
  for (const point of outline(hold("ball"), [0, 0])) assert.ok(Math.abs(Math.hypot(...point) - 1) < 1e-12)
  for (const point of outline(hold("box"), [0, 0])) assert.ok(Math.abs(Math.max(...point.map(Math.abs)) - 1) < 1e-12)
})

test("the way begins at the loss's own optimum and ends near the origin", () => {
  for (const kind of ["diamond", "disc", "rounded", "ball", "box"]) {
    const steps = way(hessian(6, 20), middle, hold(kind))
    near(steps[0], middle)
    assert.ok(Math.hypot(...steps.at(-1)) < 0.02, `${kind} ${steps.at(-1)}`)
  }
})

test("the sentence is the one that fits", () => {
  const say = (kind, more) => {
    const one = hold(kind, more)
    return seen(one, middle, optimum(straight, middle, one))
  }
  assert.deepEqual(say("diamond"), { key: "diamond.both" })
  assert.deepEqual(say("diamond", { strength: 3.5 }), { key: "diamond.one", weight: 1 })
  assert.deepEqual(say("diamond", { strength: 4 }), { key: "diamond.none" })
  assert.deepEqual(say("diamond", { strength: 0 }), { key: "off" })
  assert.deepEqual(say("disc"), { key: "disc" })
  assert.deepEqual(say("rounded", { strength: 6.5 }), { key: "rounded.one", weight: 1 })
  assert.deepEqual(say("ball"), { key: "ball.touches" })
  assert.deepEqual(say("ball", { limit: 4 }), { key: "ball.inside" })
  assert.deepEqual(say("box", { limit: 2 }), { key: "box.edge", weight: 1 })
  assert.deepEqual(say("box", { limit: 0.5 }), { key: "box.corner" })
})
