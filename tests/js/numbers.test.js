// Numbers as people read them, and sliders whose stops are neat.

import assert from "node:assert/strict"
import test from "node:test"
import { bytes, duration, fromSlider, percent, short, toSlider } from "../../static/js/numbers.js"

const LR = { low: 1e-6, high: 10, scale: "log", zero: true, whole: false }
const SHARE = { low: 0, high: 0.99999, scale: "linear", zero: false, whole: false }
const EPOCHS = { low: 1, high: 1000, scale: "log", zero: false, whole: true }

test("a number is short, and what is not finite has a name", () => {
  assert.equal(short(0.031249), "0.0312")
  assert.equal(short(1.2e-7), "1.2e-7")
  assert.equal(short(NaN), "NaN")
  assert.equal(short(-Infinity), "−∞")
  assert.equal(short(null), "–")
  assert.equal(short("NaN"), "NaN")
})

test("shares, bytes and spans have their units", () => {
  assert.equal(percent(0.9723), "97.2 %")
  assert.equal(percent(null), "–")
  assert.equal(bytes(741792), "742 kB")
  assert.deepEqual(duration(75), { unit: "minutes", n: 1 })
})

test("every stop of a log slider is neat and within its bounds", () => {
  for (let place = 0; place <= 1000; place += 1) {
    const value = fromSlider(place, LR)
    assert.ok(value === 0 || (value >= LR.low && value <= LR.high), `${place}: ${value}`)
    assert.equal(Number(value.toPrecision(2)), value)
  }
})

test("a slider goes back to where a value was", () => {
  for (const value of [0.001, 0.05, 1]) assert.equal(fromSlider(toSlider(value, LR), LR), value)
  assert.equal(fromSlider(0, LR), 0)
  assert.equal(toSlider(0, LR), 0)
  assert.equal(fromSlider(toSlider(0.9, SHARE), SHARE), 0.9)
  assert.equal(fromSlider(1000, SHARE), 0.99999)
})

test("a slider of whole numbers has whole stops", () => {
  for (let place = 0; place <= 1000; place += 7) assert.ok(Number.isInteger(fromSlider(place, EPOCHS)))
})
