// The socket's life: what is asked when it opens, what happens when it is lost. Only the browser's own WebSocket is stood
// in for; tests/app/test_live.py lets the same module talk to a real server.

import assert from "node:assert/strict"
import { afterEach, beforeEach, mock, test } from "node:test"
import { Live } from "../../static/js/live.js"

class Socket extends EventTarget {
  static OPEN = 1
  static all = []
  readyState = 0
  sent = []

  constructor(address) {
    super()
    this.address = address
    Socket.all.push(this)
  }

  send(text) {
    this.sent.push(JSON.parse(text))
  }

  open() {
    this.readyState = 1
    this.dispatchEvent(new Event("open"))
  }

  say(message) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(message) }))
  }

  close() {
    this.readyState = 3
    this.dispatchEvent(new Event("close"))
  }
}

let live
let heard

beforeEach(() => {
  Socket.all = []
  globalThis.WebSocket = Socket
  mock.timers.enable({ apis: ["setTimeout", "Date"] })
  mock.method(Math, "random", () => 1)
  live = new Live("ws://there/live")
  heard = []
  live.addEventListener("status", ({ detail }) => heard.push(detail))
})

afterEach(() => {
  live.close()
  mock.timers.reset()
  mock.restoreAll()
})

test("what is watched is asked for when the socket opens, and again from its position after a loss", () => {
  const store = { position: null }
  live.watch("r1", store)
  live.watchList()
  live.connect()
  Socket.all[0].open()
  assert.deepEqual(Socket.all[0].sent, [{ type: "watch_list" }, { type: "watch", run: "r1", after: null }])
  store.position = [1, 17]
  Socket.all[0].close()
  mock.timers.tick(250)
  Socket.all[1].open()
  assert.deepEqual(Socket.all[1].sent.at(-1), { type: "watch", run: "r1", after: [1, 17] })
})

test("pauses between attempts grow to five seconds and start over once something was heard", () => {
  live.connect()
  const pauses = []
  for (let i = 0; i < 7; i++) {
    const before = Socket.all.length
    Socket.all.at(-1).close()
    let waited = 0
    while (Socket.all.length === before) {
      mock.timers.tick(50)
      waited += 50
    }
    pauses.push(waited)
  }
  assert.deepEqual(pauses, [250, 500, 1000, 2000, 4000, 5000, 5000])
  Socket.all.at(-1).open()
  Socket.all.at(-1).say({ type: "hello", version: "1", name: "someone" })
  Socket.all.at(-1).close()
  const before = Socket.all.length
  mock.timers.tick(250)
  assert.equal(Socket.all.length, before + 1)
})

test("when the network is back a page tries at once, whatever it had", () => {
  globalThis.window = new EventTarget()
  live.watch("r1", { position: [1, 17] })
  live.connect()
  for (let i = 0; i < 6; i++) {
    Socket.all.at(-1).close()
    mock.timers.tick(5000)
  }
  Socket.all.at(-1).close()
  const before = Socket.all.length
  window.dispatchEvent(new Event("online"))
  assert.equal(Socket.all.length, before + 1)
  Socket.all.at(-1).open()
  assert.deepEqual(Socket.all.at(-1).sent, [{ type: "watch", run: "r1", after: [1, 17] }])
  window.dispatchEvent(new Event("online")) // this one seems open, and may be dead
  assert.equal(Socket.all.at(-2).readyState, 3)
  mock.timers.tick(60_000)
  assert.equal(Socket.all.length, before + 2)
  live.close()
  window.dispatchEvent(new Event("online"))
  assert.equal(Socket.all.length, before + 2)
  delete globalThis.window
})

test("a minute without a connection is said", () => {
  live.connect()
  for (let i = 0; i < 13; i++) {
    Socket.all.at(-1).close()
    mock.timers.tick(5000)
  }
  assert.deepEqual(heard.map(({ connected, lasting }) => [connected, lasting]), [[false, false], [false, true]])
  Socket.all.at(-1).open()
  assert.equal(heard.at(-1).connected, true)
})

test("a run that is gone is not asked for again", () => {
  live.watch("r1", { position: null })
  live.connect()
  Socket.all[0].open()
  Socket.all[0].say({ type: "gone", run: "r1" })
  Socket.all[0].close()
  mock.timers.tick(250)
  Socket.all[1].open()
  assert.deepEqual(Socket.all[1].sent, [])
})

test("a command is answered by its reference", async () => {
  live.connect()
  Socket.all[0].open()
  const good = live.command("r1", { type: "pause" })
  const bad = live.command("r1", { type: "dance" })
  const [first, second] = Socket.all[0].sent
  Socket.all[0].say({ type: "problem", ref: second.ref, title: "That is not a command", detail: "no dance", hint: "" })
  Socket.all[0].say({ type: "accepted", ref: first.ref, id: "01X" })
  assert.deepEqual(await good, { id: "01X" })
  await assert.rejects(bad, { title: "That is not a command", detail: "no dance" })
})

test("a command that cannot be sent, and one whose answer is lost, are refused as offline", async () => {
  await assert.rejects(live.command("r1", { type: "pause" }), { title: "offline" })
  live.connect()
  Socket.all[0].open()
  const lost = live.command("r1", { type: "pause" })
  Socket.all[0].close()
  await assert.rejects(lost, { title: "offline" })
})

test("a socket that was closed for good stays closed", () => {
  live.connect()
  Socket.all[0].open()
  live.close()
  mock.timers.tick(60_000)
  assert.equal(Socket.all.length, 1)
})

function early(...events) {
  const socket = new Socket("ws://there/live")
  for (const { type } of events) if (type !== "message") socket.readyState = type === "open" ? 1 : 3
  return { socket, release: () => events }
}

test("a socket that was opened early is taken over with what it has heard, and asks for nothing twice", () => {
  const gone = []
  live.addEventListener("gone", ({ detail }) => gone.push(detail.run))
  live.watch("r1", { position: null })
  live.connect(early({ type: "open" }, { type: "message", data: JSON.stringify({ type: "gone", run: "r1" }) }))
  assert.deepEqual([heard, gone], [[], []]) // whoever listens may not be there yet

  live.tellAll()
  assert.deepEqual(heard.map(({ connected }) => connected), [false, true])
  assert.deepEqual(gone, ["r1"])

  Socket.all[0].say({ type: "gone", run: "r2" })
  assert.deepEqual(gone, ["r1", "r2"])
  assert.deepEqual(Socket.all[0].sent, [])
  assert.equal(Socket.all.length, 1)
})

test("a socket that was opened early and is not open yet asks when it is", () => {
  live.watch("r1", { position: null })
  live.connect(early())
  Socket.all[0].open()
  assert.deepEqual(Socket.all[0].sent, [{ type: "watch", run: "r1", after: null }])
})

test("a socket that was opened early and lost before the page was ready is opened again", () => {
  live.connect(early({ type: "open" }, { type: "close" }))
  mock.timers.tick(5000)
  assert.equal(Socket.all.length, 2)
})
