// The rows of the list of runs: the newest as they are told, older ones as far as they were asked for, and what is found.

import assert from "node:assert/strict"
import { mock, test } from "node:test"
import { Listing } from "../../static/js/listing.js"

const run = (id, more = {}) => ({ run: { id, name: id, step: 1, steps: 2, status: { name: "finished" }, metrics: {}, ...more } })
const group = (id, more = {}) => ({ group: { id, name: id, step: 1, steps: 4, statuses: { finished: 2 }, metric: "", best: null, ...more } })
const idsOf = (rows) => rows.map(({ run: one, group: other }) => (one ?? other).id)
const told = (rows, count = rows.length) => ({ rows, count, runs: count, moving: 0 })
const settle = () => new Promise((done) => setImmediate(done))

/** A listing whose server has rows older than the newest; `asked` has what it was asked for. */
function listing(older) {
  const asked = []
  const ask = async (_, path) => {
    asked.push(path)
    const query = new URLSearchParams(path.split("?")[1])
    if (query.has("search")) return told(older.filter((row) => JSON.stringify(row).includes(query.get("search"))))
    const begin = Number(query.get("offset")) - 2
    return told(older.slice(begin, begin + Number(query.get("limit"))))
  }
  return { asked, of: new Listing(ask, assert.fail, () => {}) }
}

test("older rows are read when they are asked for, and again when the newest have moved on", async () => {
  const older = [run("c"), run("d")]
  const { of, asked } = listing(older)
  of.receive(told([run("a"), group("b")], 4))
  assert.equal(of.rest, 2)
  of.more()
  await settle()
  assert.deepEqual([idsOf(of.all), of.rest], [["a", "b", "c", "d"], 0])
  of.receive(told([run("a"), group("b")], 4))
  assert.equal(asked.length, 1)
  older.unshift(group("b"))
  of.receive(told([run("new"), run("a")], 5))
  await settle()
  assert.deepEqual(idsOf(of.all), ["new", "a", "b", "c", "d"])
})

test("words are looked for in what is here at once, and a moment later in all that there is", async () => {
  mock.timers.enable({ apis: ["setTimeout"] })
  const { of } = listing([run("ancient zebra"), run("ancient apple")])
  of.receive(told([run("zebra"), run("apple")], 4))
  of.search("zebra")
  assert.deepEqual(idsOf(of.found(of.all, "newest")), ["zebra"])
  mock.timers.tick(1000)
  mock.timers.reset()
  await settle()
  assert.deepEqual(idsOf(of.found(of.all, "newest")), ["zebra", "ancient zebra"])
  of.search("")
  assert.deepEqual(idsOf(of.found(of.all, "newest")), ["zebra", "apple"])
})

test("groups are sorted among runs by what is best, furthest or most pressing in them", () => {
  const { of } = listing([])
  const rows = [run("b", { metrics: { "validation.loss": 0.5 }, step: 2 }), group("a", { metric: "validation.loss", best: 0.1, statuses: { finished: 1, running: 1 } }), run("c", { metrics: { "validation.loss": "nan" } })]
  of.receive(told(rows))
  assert.deepEqual(idsOf(of.found(of.all, "loss")), ["a", "b", "c"])
  assert.deepEqual(idsOf(of.found(of.all, "name")), ["a", "b", "c"])
  assert.deepEqual(idsOf(of.found(of.all, "progress")), ["b", "c", "a"])
  assert.deepEqual(idsOf(of.found(of.all, "status")), ["a", "b", "c"])
})

test("a group has another stamp when anything of it has changed, and none when it is gone", () => {
  const { of } = listing([])
  of.receive(told([group("a")]))
  const before = of.stampOf("a")
  of.receive(told([group("a", { step: 2 })]))
  assert.notEqual(of.stampOf("a"), before)
  of.receive(told([run("b")]))
  assert.equal(of.stampOf("a"), "")
})
