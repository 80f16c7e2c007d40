// What a run's page says at its top, and what it offers: from status and state alone. Without a catalogue a key is its text.

import assert from "node:assert/strict"
import { test } from "node:test"
import { noticesOf } from "../../static/js/notices.js"

const status = (name, more = {}) => ({ name, since: 100, reason: "", hint: "", position: null, actions: [], ...more })
const state = (more = {}) => ({
  step: 500, marks: [], metrics: { "loss.data": 0.3 }, ended: null, damage: "",
  knobs: { optimizer: { lr: { value: 0.05 } }, training: { batch_size: { value: 64 } } }, ...more,
})
const asked = ({ acts }) => acts.map(({ ask, href }) => ask ?? href)

test("a run that trains well has nothing to say", () => {
  assert.deepEqual(noticesOf(status("running"), state(), "R"), [])
})

test("a stalled run offers its stacks and to be stopped", () => {
  const [notice] = noticesOf(status("stalled", { reason: "no step for 75 s", actions: ["stop", "stacks"] }), state(), "R")
  assert.equal(notice.kind, "bad")
  assert.ok(notice.lines.includes("no step for 75 s"))
  assert.deepEqual(asked(notice), ["stacks", "stop"])
})

test("an interrupted run says why, what comes next, and offers not to wait for it", () => {
  const [notice] = noticesOf(status("interrupted", { reason: "killed, signal 9", again_at: 104, actions: ["restart", "stop"] }), state(), "R")
  assert.deepEqual(notice.lines, ["notice.interrupted", "killed, signal 9", "notice.again"])
  assert.deepEqual(asked(notice), ["restart", "stop"])
})

test("a run that failed out of memory offers half the batch", () => {
  const [notice] = noticesOf(status("failed", { reason: "CUDA out of memory: 3 GB wanted" }), state(), "R")
  assert.deepEqual(asked(notice), ["/new?from=R&training.batch_size=32", "/new?from=R"])
})

test("a run that starts has something to say only while it downloads", () => {
  assert.deepEqual(noticesOf(status("starting"), null, "R"), [])
  const [notice] = noticesOf(status("starting", { reason: "MNIST: 3.2 / 11.6 MB" }), null, "R")
  assert.deepEqual(notice.lines, ["notice.starting", "MNIST: 3.2 / 11.6 MB"])
})

test("a batch of one is not halved", () => {
  const [notice] = noticesOf(status("failed", { reason: "out of memory" }), state({ knobs: { training: { batch_size: { value: 1 } } } }), "R")
  assert.deepEqual(asked(notice), ["/new?from=R"])
})

test("a learning-rate finder offers a run at the rate that it found", () => {
  const ended = { kind: "finished", reason: "whatever it says, in whatever language", hint: "", suggests: { "optimizer.lr": 0.012 } }
  const [notice] = noticesOf(status("finished"), state({ ended }), "R")
  assert.deepEqual(asked(notice), ["/new?from=R&schedule=constant&optimizer.lr=0.012"])
})

test("a loss that is no number is said while it is none, with what made it so and smaller steps", () => {
  const marks = [{ step: 412, kind: "nan", text: "NaN at step 412, first in layers.2" }]
  const [notice] = noticesOf(status("running"), state({ marks, metrics: { "loss.data": "NaN" } }), "R")
  assert.equal(notice.lines[0], "NaN at step 412, first in layers.2")
  assert.deepEqual(asked(notice), ["/new?from=R&optimizer.lr=0.005"])
  assert.deepEqual(noticesOf(status("running"), state({ marks }), "R"), [])
})

test("a run that ended in NaN offers the checkpoint from before, in one notice", () => {
  const marks = [{ step: 412, kind: "nan", text: "NaN at step 412" }]
  const save = (step, more = {}) => ({ id: `step-${step}`, step, sound: true, superseded: false, ...more })
  const saves = [save(420), save(411, { sound: false }), save(410, { superseded: true }), save(400), save(300)]
  const told = status("failed", { reason: "NaN at step 412" })
  const notices = noticesOf(told, state({ marks, metrics: { "loss.data": "NaN" } }), "R", saves)
  assert.equal(notices.length, 1)
  assert.deepEqual(notices[0].lines, ["notice.failed", "NaN at step 412", "notice.nan.help"])
  assert.deepEqual(notices[0].acts[0].checkpoint, { id: "step-400", step: 400 })
  assert.deepEqual(asked(notices[0]), ["continue", "/new?from=R&optimizer.lr=0.005", "/new?from=R"])
})

test("a damaged log is named before all else, whatever the run does", () => {
  const damage = "events-1.log is damaged at byte 4096: the payload does not match its checksum."
  const [first, second] = noticesOf(status("interrupted", { reason: "killed" }), state({ damage }), "R")
  assert.ok(first.lines.includes(damage))
  assert.deepEqual(asked(first), ["/new?from=R"])
  assert.equal(second.lines[0], "notice.interrupted")
})

test("a finished run says how it did on the test part", () => {
  const ended = { kind: "finished", reason: "completed", hint: "" }
  const [notice] = noticesOf(status("finished", { reason: "completed" }), state({ ended, metrics: { "test.accuracy": 0.97 } }), "R")
  assert.deepEqual([notice.kind, notice.lines], ["good", ["notice.finished", "notice.test"]])
})

test("a data set that stands in for another says so for as long as the run is looked at", () => {
  const [, notice] = noticesOf(status("finished"), state({ plan: { note: "These are others." } }), "R")
  assert.deepEqual(notice, { kind: "warn", lines: ["These are others."], acts: [] })
  assert.deepEqual(noticesOf(status("running"), state({ plan: { note: "" } }), "R"), [])
})
