// A control's question to the trainer always comes to an end: answered, refused, found in a snapshot, or too late.

import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"
import { Asking } from "../../static/js/asking.js"

class Control extends EventTarget {
  dataset = {}
  output = { textContent: "" }
  shown = 0
  heard = []
  asking = new Asking(this)

  show() {
    this.shown += 1
  }

  answer(event) {
    const mine = this.asking.hears(event)
    if (mine && event.type === "rejected") this.asking.refuse(event.reason)
    else this.heard.push([event.command, mine])
  }
}

let control
let sent

beforeEach(() => {
  control = new Control()
  control.addEventListener("run:command", ({ detail }) => (sent = detail))
  control.asking.ask({ type: "change" })
})

test("an answer by the command's id ends it, and one to another's command does not", () => {
  sent.accepted({ id: "mine" })
  control.answer({ type: "changed", command: "theirs" })
  assert.equal(control.asking.pending, true)
  control.answer({ type: "changed", command: "mine" })
  assert.deepEqual([control.asking.pending, control.heard], [false, [["theirs", false], ["mine", true]]])
})

test("an answer that comes before the id is not lost", () => {
  control.answer({ type: "rejected", command: "mine", reason: "too large" })
  sent.accepted({ id: "mine" })
  assert.equal(control.dataset.state, "refused")
  assert.equal(control.asking.pending, false)
})

test("an answer that lies in a snapshot's log is found", () => {
  sent.accepted({ id: "mine" })
  control.asking.seek([{ type: "started" }, { type: "changed", command: "theirs" }])
  assert.equal(control.asking.pending, true)
  control.asking.seek([{ type: "changed", command: "mine" }, { type: "epoch" }])
  assert.deepEqual([control.asking.pending, control.heard], [false, [["mine", true]]])
})

test("a log too full to hold the answer ends the wait with words", () => {
  sent.accepted({ id: "mine" })
  control.asking.seek(Array(300).fill({ type: "epoch" }))
  assert.deepEqual([control.asking.pending, control.dataset.state, control.shown], [false, "refused", 1])
})

test("a run that ends before it hears refuses", () => {
  sent.accepted({ id: "mine" })
  control.asking.ended = true
  assert.deepEqual([control.asking.pending, control.dataset.state, control.shown], [false, "refused", 1])
})

test("a run that has ended when the command is handed over refuses", () => {
  control.asking.ended = true
  assert.equal(control.asking.pending, true)
  sent.accepted({ id: "mine" })
  assert.deepEqual([control.asking.pending, control.dataset.state], [false, "refused"])
})

test("what became of an older question does not end a newer one", () => {
  const older = sent
  control.asking.ask({ type: "change" })
  older.refused({ title: "offline" })
  older.accepted({ id: "old" })
  assert.equal(control.asking.pending, true)
  sent.accepted({ id: "new" })
  control.answer({ type: "changed", command: "new" })
  assert.equal(control.asking.pending, false)
})
