// What a page knows of one run: the snapshot, and every delta folded into it since.
//
// Dispatches, at most once a message but for the second: "snapshot" · "event" (detail: the event, as it came) ·
// "status" · "numbers" (detail: {names}) · "captures" (detail: {keys}) · "diagnosis".

import { Overview } from "./overview.js"
import { foldCapture, foldEvent, foldTable } from "./run_state.js"
import { numberOf } from "./wire.js"

const MAX_HISTORY = 128

/** @typedef {{step: number, shape: number[], facts: Object<string, number>, counts: Uint32Array|Float32Array}} Shot */

export class RunStore extends EventTarget {
  /** The run's state, as app/state.py describes it; null before the first snapshot. */
  state = null
  /** Where the run stands: name, since, reason, hint, position, actions. */
  status = null
  /** What is the matter with the run, as app/diagnosis/__init__.py describes it; null before it is known. */
  diagnosis = null
  /** [attempt, seq] of the last event folded, or null. */
  position = null
  /** When numbers last came, in milliseconds; 0 for not yet. What a first snapshot brings may be old. */
  lastHeard = 0
  /** When the first snapshot came, in milliseconds; 0 for not yet. */
  since = 0
  /** @type {Map<string, Overview>} series by name */
  overviews = new Map()
  /** @type {Map<string, Shot>} newest capture by "probe/tensor" */
  captures = new Map()
  /** @type {Map<string, Shot[]>} captures by "probe/tensor", old to new, thinned */
  history = new Map()

  /**
   * Take a message as `decode` gives it. Return false when it does not go on from where the store is: then the
   * store needs a snapshot.
   */
  receive(message) {
    if (message.type === "delta" && (!this.position || message.from.join() !== this.position.join())) return false
    this.position = message.position
    const before = this.state?.step
    const said = message.type === "snapshot" ? this.#begin(message) : this.#goOn(message)
    this.since ||= Date.now()
    if (before !== undefined && this.state.step !== before) this.lastHeard = Date.now()
    if (JSON.stringify(this.status) !== JSON.stringify(message.status)) said.push(["status"])
    this.status = message.status
    if (message.diagnosis) {
      this.diagnosis = message.diagnosis
      said.push(["diagnosis"])
    }
    for (const [type, detail] of said) this.dispatchEvent(new CustomEvent(type, { detail }))
    return true
  }

  /** Say all that is known once more: for those who came late. */
  tellAgain() {
    if (!this.state) return
    this.dispatchEvent(new CustomEvent("snapshot"))
    this.dispatchEvent(new CustomEvent("status"))
    this.dispatchEvent(new CustomEvent("numbers", { detail: { names: new Set(this.overviews.keys()) } }))
    this.dispatchEvent(new CustomEvent("captures", { detail: { keys: new Set(this.captures.keys()) } }))
    if (this.diagnosis) this.dispatchEvent(new CustomEvent("diagnosis"))
  }

  #begin({ state, overviews, captures }) {
    this.state = state
    this.overviews = new Map(Object.entries(overviews).map(([name, buckets]) => [name, new Overview().load(buckets)]))
    this.captures.clear()
    for (const [key, shots] of this.history) this.history.set(key, shots.filter(({ step }) => step <= state.step))
    const keys = this.#keep(captures)
    const said = [["snapshot"]]
    if (this.overviews.size) said.push(["numbers", { names: new Set(this.overviews.keys()) }])
    if (keys.size) said.push(["captures", { keys }])
    return said
  }

  #goOn({ events, tables, captures }) {
    const said = []
    const names = new Set()
    const [first, ...others] = events
    // an attempt's beginning comes before its numbers; all else may come after them
    if (first?.type === "started") this.#hear(first, names)
    for (const table of tables) this.#measure(table, names)
    for (const event of first?.type === "started" ? others : events) this.#hear(event, names)
    for (const one of captures) foldCapture(this.state, one)
    const keys = this.#keep(captures)
    for (const event of events) said.push(["event", event])
    if (names.size) said.push(["numbers", { names }])
    if (keys.size) said.push(["captures", { keys }])
    return said
  }

  #hear(event, names) {
    if (event.type === "started") this.#truncate(event.step)
    foldEvent(this.state, event)
    if (event.type !== "epoch" && event.type !== "finished") return
    for (const [name, value] of Object.entries(event.metrics)) {
      // an epoch's metrics are points of curves; at the end only those of the test part are new
      if (event.type === "finished" && !name.startsWith("test.")) continue
      this.#overview(name).push(event.step, numberOf(value))
      names.add(name)
    }
  }

  #measure(table, names) {
    foldTable(this.state, table)
    const { steps, columns } = table
    for (const name of table.names) {
      const overview = this.#overview(name)
      const column = columns[name]
      for (let i = 0; i < steps.length; i++) overview.push(steps[i], column[i])
      names.add(name)
    }
  }

  #overview(name) {
    if (!this.overviews.has(name)) this.overviews.set(name, new Overview())
    return this.overviews.get(name)
  }

  #keep(captures) {
    const keys = new Set()
    for (const { probe, name, step, shape, facts, counts } of captures) {
      const key = `${probe}/${name}`
      // a copy: a view would hold the whole message in memory
      const shot = { step, shape, facts, counts: counts.slice() }
      this.captures.set(key, shot)
      const older = (this.history.get(key) ?? []).filter((one) => one.step < step)
      const kept = older.length < MAX_HISTORY ? older : older.filter((_, i) => i % 2 === 0)
      this.history.set(key, [...kept, shot])
      keys.add(key)
    }
    return keys
  }

  #truncate(step) {
    for (const overview of this.overviews.values()) overview.truncate(step)
    for (const [key, shots] of this.history) this.history.set(key, shots.filter((one) => one.step <= step))
    for (const [key, shot] of this.captures) if (shot.step > step) this.captures.delete(key)
  }
}
