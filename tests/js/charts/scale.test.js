import assert from "node:assert/strict"
import { test } from "node:test"
import { formatShare, formatStep, formatStepTick, formatTick, formatValue } from "../../../static/js/charts/format.js"
import { fitLinear, fitLog, logTicks, multiples, place, roundStep, stepEnd, stepTicks, valueAt } from "../../../static/js/charts/scale.js"

const values = (ticks) => ticks.filter(({ minor }) => !minor).map(({ value }) => value)

test("a value goes to its pixel and back, on both kinds of scale", () => {
  for (const scale of [
    { kind: "linear", domain: [-2, 6], range: [200, 10] },
    { kind: "log", domain: [1e-4, 10], range: [0, 640] },
  ]) {
    for (const value of [0.001, 0.5, 4]) assert.ok(Math.abs(valueAt(scale, place(scale, value)) - value) < 1e-9)
    assert.equal(place(scale, scale.domain[0]), scale.range[0])
    assert.ok(Math.abs(place(scale, scale.domain[1]) - scale.range[1]) < 1e-9)
  }
})

test("zero and below have no place on a log scale", () => {
  const scale = { kind: "log", domain: [0.1, 1], range: [100, 0] }
  assert.ok(!Number.isFinite(place(scale, 0)))
  assert.ok(!Number.isFinite(place(scale, -1)))
})

test("steps between ticks are 1, 2 or 5 times a power of ten", () => {
  assert.deepEqual([1, 7, 23, 0.004, 900].map((span) => roundStep(span, 5)), [0.2, 1, 5, 0.001, 200])
})

test("ticks carry no dirt of floating point", () => {
  assert.deepEqual(multiples(0, 0.5, 0.1), [0, 0.1, 0.2, 0.3, 0.4, 0.5])
  assert.deepEqual(multiples(-1e-7, 1e-7, 5e-8), [-1e-7, -5e-8, 0, 5e-8, 1e-7])
})

test("an axis ends at round numbers around what it shows", () => {
  assert.deepEqual(fitLinear(0.13, 2.31, 5).domain, [0, 2.5])
  assert.deepEqual(values(fitLinear(0.13, 2.31, 5).ticks), [0, 0.5, 1, 1.5, 2, 2.5])
  assert.deepEqual(fitLinear(-0.31, 0.31, 6).domain, [-0.4, 0.4])
})

test("an axis of one single value leaves room around it", () => {
  for (const value of [0, 0.05, -3, 1e-30, 1e30]) {
    const { domain, ticks } = fitLinear(value, value, 5)
    assert.ok(domain[0] < value && value < domain[1], `${value} in ${domain}`)
    assert.ok(ticks.length >= 2)
  }
})

test("a log axis ends at 1, 2 or 5 times a power of ten", () => {
  assert.deepEqual(fitLog(0.013, 0.9, 5).domain, [0.01, 1])
  assert.deepEqual(fitLog(0.3, 0.3, 5).domain, [0.2, 0.5])
  assert.deepEqual(values(fitLog(0.3, 3, 6).ticks), [0.2, 0.5, 1, 2, 5])
})

test("a long log axis shows every k-th power of ten only", () => {
  const ticks = values(logTicks([1e-20, 1e4], 5))
  assert.ok(ticks.length >= 3 && ticks.length <= 6, String(ticks))
  assert.ok(ticks.every((value) => Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6)))
})

test("ticks of steps are whole and never more than asked for", () => {
  const scale = (domain) => ({ kind: "linear", domain, range: [0, 400] })
  assert.deepEqual(values(stepTicks(scale([0, 4]), 8)), [0, 1, 2, 3, 4])
  for (const [end, count] of [[10_000, 3], [10_000, 5], [48, 4], [123_456, 7]]) {
    assert.ok(stepTicks(scale([0, end]), count).length <= count * 1.1 + 1, `${end} with ${count}`)
  }
})

test("the axis of steps ends ahead of the run, in rare strides, and never beyond its end", () => {
  const ends = new Set()
  for (let step = 0; step <= 10_000; step++) {
    const end = stepEnd(step, 10_000)
    assert.ok(end >= step && end <= Math.max(10_000, step), `${end} at ${step}`)
    ends.add(end)
  }
  assert.ok(ends.size < 40, `${ends.size} strides`)
  assert.equal(stepEnd(990, 1000), 1000)
  assert.equal(stepEnd(0), 10)
  assert.equal(stepEnd(3, 5), 5)
})

test("values read the same wherever they stand", () => {
  const shown = [0.3123456, 0.01, 1234.56, 12345.6, 1.5e-7, -0.5, 3.2e9, 0, 100, 1200]
  assert.deepEqual(shown.map(formatValue), ["0.3123", "0.01", "1235", "12,346", "1.50e−7", "−0.5", "3.20e9", "0", "100.0", "1200"])
  assert.deepEqual([NaN, Infinity, -Infinity, null].map(formatValue), ["NaN", "∞", "−∞", "–"])
})

test("labels of ticks show the decimals that tell them apart", () => {
  assert.deepEqual([0, 0.5, 1].map((value) => formatTick(value, 0.5)), ["0", "0.5", "1.0"])
  assert.deepEqual([0.001, 0.5, 2000, 50_000].map((value) => formatTick(value)), ["0.001", "0.5", "2000", "50k"])
  assert.equal(formatTick(-0.25, 0.05), "−0.25")
  assert.equal(formatTick(0.00001), "1e−5")
})

test("steps and shares", () => {
  assert.equal(formatStep(12345), "12,345")
  assert.equal(formatStepTick(2_500_000), "2.5M")
  assert.deepEqual([0, 0.00001, 0.034, 0.48, 0.9999, 1].map(formatShare), ["0 %", "<0.1 %", "3.4 %", "48 %", ">99.9 %", "100 %"])
})
