// The page's one socket: runs are watched over it, and commands sent. It comes back by itself after every loss.
//
// Dispatches "status" (detail: {connected, since, lasting}; lasting: gone for a minute or more) · "hello"
// (detail: {version, name}) · "runs" (detail: {runs}) · "gone" (detail: {run}) · "problem" (detail: {title, detail, hint}) ·
// "group" (detail: what has changed in the group that is watched) · "disk" (detail: {free, over, budget, read_only}; what
// is the matter with it).

import { decode } from "./wire.js"

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5000
const LASTING_MS = 60_000
const ANSWER_WITHIN_MS = 10_000

export class Live extends EventTarget {
  #address
  #socket = null
  #stores = new Map() // run id -> store
  #waiting = new Map() // ref of a command -> {resolve, reject, timer}
  #wantsList = false
  #group = null // what is watched of several runs at once
  #pause = FIRST_PAUSE_MS
  #since = 0
  #lost = false
  #timers = { again: 0, lasting: 0 }
  #refs = 0
  #untold = null // what came over an early socket before `tellAll`
  #closed = true
  // the network is back: a socket from before may be dead without knowing it, and who waits to try again need not wait
  #renew = () => {
    const before = this.#socket
    if (before) this.#closeDown(before)
    before?.close()
    clearTimeout(this.#timers.again)
    this.#open()
  }

  /** @param {string} [address] of the websocket; the page's own server when left out */
  constructor(address) {
    super()
    this.#address = address
  }

  /** Whether the socket is open. */
  get connected() {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  /**
   * Connect, and stay connected until `close`. After an early socket nothing but the stores hears before `tellAll`.
   * @param {{socket: WebSocket, release: () => Event[]}} [early] a socket that has asked for what is watched when it
   *   opened, and what it has heard: static/js/early_socket.js
   */
  connect(early) {
    if (!this.#closed) return
    this.#closed = false
    globalThis.window?.addEventListener("online", this.#renew)
    if (early) this.#untold = []
    this.#lose()
    if (!early) {
      this.#open()
      return
    }
    const heard = early.release()
    this.#take(early.socket)
    for (const { type, data } of heard) {
      if (type === "open") this.#gain()
      else if (type === "message") this.#hear(data)
      else this.#closeDown(early.socket)
    }
  }

  /** Say what was heard so far: whoever wants to hear it listens now. */
  tellAll() {
    const untold = this.#untold ?? []
    this.#untold = null
    for (const event of untold) this.dispatchEvent(event)
  }

  /** Close for good. */
  close() {
    this.#closed = true
    globalThis.window?.removeEventListener("online", this.#renew)
    clearTimeout(this.#timers.again)
    clearTimeout(this.#timers.lasting)
    this.#socket?.close()
  }

  /** Keep a store in step with a run; at once, and again after each loss of the connection, from its position. */
  watch(run, store) {
    this.#stores.set(run, store)
    this.#watch(run)
  }

  /** Hear no more of a run. */
  unwatch(run) {
    if (this.#stores.delete(run)) this.#send({ type: "unwatch", run })
  }

  /** Hear of the list of runs: "runs" events. */
  watchList() {
    this.#wantsList = true
    this.#send({ type: "watch_list" })
  }

  /** Hear of several runs at once, of a few series: "group" events. `whose` is {group: id} or {runs: [id]}. */
  watchGroup(whose, names) {
    this.#group = { type: "watch_group", ...whose, names }
    this.#send(this.#group)
  }

  /**
   * Ask something of a run's trainer. The promise says that it was handed over; the answer comes as an event whose
   * `command` is this id.
   * @returns {Promise<{id: string}>} rejects with {title, detail, hint}
   */
  command(run, command) {
    return new Promise((resolve, reject) => {
      const ref = `c${(this.#refs += 1)}`
      if (!this.#send({ type: "command", run, ref, command })) {
        reject({ title: "offline", detail: "The server cannot be reached at the moment; nothing was sent.", hint: "" })
        return
      }
      const timer = setTimeout(() => this.#answer(ref, { title: "no answer", detail: "The server did not answer.", hint: "" }), ANSWER_WITHIN_MS)
      this.#waiting.set(ref, { resolve, reject, timer })
    })
  }

  #open() {
    const socket = new WebSocket(this.#address ?? `${location.origin.replace(/^http/, "ws")}/live`)
    socket.binaryType = "arraybuffer"
    this.#take(socket)
  }

  #take(socket) {
    this.#socket = socket
    socket.addEventListener("open", () => {
      this.#gain()
      if (this.#wantsList) this.#send({ type: "watch_list" })
      if (this.#group) this.#send(this.#group)
      for (const run of this.#stores.keys()) this.#watch(run)
    })
    socket.addEventListener("message", ({ data }) => this.#hear(data))
    socket.addEventListener("close", () => this.#closeDown(socket))
  }

  #gain() {
    clearTimeout(this.#timers.lasting)
    this.#lost = false
    this.#since = Date.now()
    this.#tell("status", { connected: true, since: this.#since, lasting: false })
  }

  #closeDown(socket) {
    if (socket !== this.#socket) return
    this.#socket = null
    const lost = { title: "offline", detail: "The connection was lost before the server answered.", hint: "The log shows whether it took hold." }
    for (const ref of [...this.#waiting.keys()]) this.#answer(ref, lost)
    if (this.#closed) return
    this.#lose()
    // jitter: a hundred pages that lost the same server do not come back in the same instant
    this.#timers.again = setTimeout(() => this.#open(), this.#pause * (0.5 + Math.random() / 2))
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS)
  }

  #lose() {
    if (this.#lost) return
    this.#lost = true
    this.#since = Date.now()
    this.#tell("status", { connected: false, since: this.#since, lasting: false })
    this.#timers.lasting = setTimeout(() => this.#tell("status", { connected: false, since: this.#since, lasting: true }), LASTING_MS)
  }

  #hear(data) {
    this.#pause = FIRST_PAUSE_MS
    if (typeof data !== "string") {
      this.#receive(decode(data))
      return
    }
    const { type, ...said } = JSON.parse(data)
    if (type === "accepted") this.#answer(said.ref, null, { id: said.id })
    else if (type === "problem" && this.#waiting.has(said.ref)) this.#answer(said.ref, said)
    else {
      if (type === "gone") this.#stores.delete(said.run) // nothing to ask for after the next loss
      this.#tell(type, said)
    }
  }

  #receive(message) {
    if (message.type === "group") {
      this.#tell("group", message)
      return
    }
    const store = this.#stores.get(message.run)
    if (!store || store.receive(message)) return
    store.position = null // something was missed: begin anew
    this.#watch(message.run)
  }

  #watch(run) {
    this.#send({ type: "watch", run, after: this.#stores.get(run).position })
  }

  #send(message) {
    if (!this.connected) return false
    this.#socket.send(JSON.stringify(message))
    return true
  }

  #answer(ref, problem, accepted) {
    const asked = this.#waiting.get(ref)
    if (!asked) return
    this.#waiting.delete(ref)
    clearTimeout(asked.timer)
    if (problem) asked.reject(problem)
    else asked.resolve(accepted)
  }

  #tell(type, detail) {
    const event = new CustomEvent(type, { detail })
    if (this.#untold) this.#untold.push(event)
    else this.dispatchEvent(event)
  }
}
