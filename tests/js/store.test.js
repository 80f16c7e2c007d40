// What a page may say of the age of the last value: only what it has seen.

import assert from "node:assert/strict"
import { afterEach, beforeEach, mock, test } from "node:test"
import { RunStore } from "../../static/js/store.js"

const STATUS = { name: "running" }
const snapshot = (step) => ({ type: "snapshot", position: [1, 1], status: STATUS, state: { step, metrics: {}, log: [], captured: {} }, overviews: {}, captures: [] })
const delta = (from, to, steps = []) => ({
  type: "delta", from, position: to, status: STATUS, events: [], captures: [],
  tables: steps.length ? [{ probe: "loss", names: ["loss.data"], steps: Float64Array.from(steps), columns: { "loss.data": Float32Array.from(steps) } }] : [],
})

let store

beforeEach(() => {
  mock.timers.enable({ apis: ["Date"], now: 1000 })
  store = new RunStore()
})

afterEach(() => mock.timers.reset())

test("a first snapshot says nothing of when the last value came", () => {
  store.receive(snapshot(500))
  assert.deepEqual([store.since, store.lastHeard], [1000, 0])
})

test("numbers are a value, and a message that brings none is not", () => {
  store.receive(snapshot(500))
  mock.timers.tick(100)
  store.receive(delta([1, 1], [1, 2], [501]))
  assert.equal(store.lastHeard, 1100)
  mock.timers.tick(5000)
  store.receive(delta([1, 2], [1, 2]))
  assert.equal(store.lastHeard, 1100)
})

test("a snapshot after a loss is a value only when the run has moved meanwhile", () => {
  store.receive(snapshot(500))
  mock.timers.tick(9000)
  store.receive(snapshot(500))
  assert.equal(store.lastHeard, 0)
  store.receive(snapshot(700))
  assert.equal(store.lastHeard, 10_000)
})
