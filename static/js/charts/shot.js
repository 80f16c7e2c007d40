// What a probe captured of one thing: the newest of it, or what there was at the moment that the page shows.

import { captureAt, loadHistory } from "./captured.js"
import { entryAt } from "./bins.js"
import { moment } from "./cursor.js"

const REST_MS = 200 // the cursor rests that long before the exact capture is asked for

export class Shot {
  #store = null
  #probe
  #name = ""
  #changed
  #exact = null
  #timer = 0

  /** @param {string} probe @param {() => void} changed is called when there may be another one to show */
  constructor(probe, changed) {
    this.#probe = probe
    this.#changed = changed
  }

  /** Show what is captured by this name from now on. */
  follow(store, name) {
    this.#store = store
    this.#name = name
    this.#exact = null
    this.moved()
  }

  /** The page may go back in time: what was captured before it was opened is wanted. */
  async load() {
    if (!this.#run) return
    try {
      await loadHistory(this.#store, this.#run, this.#probe)
      this.#changed()
    } catch {
      // the captures that arrive are shown all the same, and the next one who asks tries again
    }
  }

  /** The cursor has moved: the exact capture is asked for once it rests. */
  moved() {
    clearTimeout(this.#timer)
    if (moment.step === null) this.#exact = null
    else this.#timer = setTimeout(() => this.#ask(moment.step), REST_MS)
    this.#changed()
  }

  stop() {
    clearTimeout(this.#timer)
  }

  /** The capture at the moment, or null where there was none yet. */
  get now() {
    const known = this.#known
    const found = known[entryAt(known.map(({ step }) => step), moment.step)] ?? null
    const exact = this.#exact
    return exact && exact.step <= moment.step && exact.step > (found?.step ?? -1) ? exact : found
  }

  get #known() {
    return this.#store?.history.get(`${this.#probe}/${this.#name}`) ?? []
  }

  get #run() {
    return this.#store?.state?.id ?? ""
  }

  async #ask(step) {
    if (!this.#run || !(this.#known[0]?.step <= step)) return // there was nothing yet
    try {
      const found = await captureAt(this.#store, this.#run, this.#probe, this.#name, step)
      if (moment.step !== step) return
      this.#exact = found
      this.#changed()
    } catch {
      // the nearest capture that the page has stays: it says its own step
    }
  }
}
