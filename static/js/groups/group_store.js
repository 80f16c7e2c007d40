// What a page knows of several runs: their cards, which of them are one variant, and the curves that are drawn.
//
// Dispatches "snapshot" (all of it is new) · "numbers" (detail: {names}) · "cards" (detail: {ids}) · "alone": another
// variant is looked at alone, or all are again. `state` is what a chart wants to know of a run, of all of them at once.

import { OF_EPOCHS } from "./metrics.js"

export class GroupStore extends EventTarget {
  state = { id: "", step: 0, steps: 0, ended: null, marks: [] }
  cards = new Map() // run id -> card
  variants = [] // {label, runs: [id]}
  names = [] // all series that there are
  progress = { statuses: {}, step: 0, steps: 0, eta_s: null }
  /** The variant that is looked at alone, or null. */
  alone = null
  /** What the axis counts: "step" or "epoch". */
  axis = "step"
  #spreads = new Map()
  #lines = new Map()

  /** Take a message of the server, as `decode` gives it. */
  receive({ whole, progress, cards, names, variants, spreads, lines }) {
    if (whole) {
      this.cards = new Map()
      this.#spreads = new Map()
      this.#lines = new Map()
      this.alone = null
    }
    this.progress = progress
    if (variants) this.variants = variants
    if (names) this.names = names
    for (const card of cards) this.cards.set(card.id, card)
    for (const one of spreads) this.#spreads.set(`${one.variant} ${one.name}`, one)
    for (const one of lines) this.#lines.set(`${one.run} ${one.name}`, one)
    this.#measure()
    if (whole) this.#tell("snapshot")
    if (cards.length) this.#tell("cards", { ids: cards.map(({ id }) => id) })
    const drawn = new Set([...spreads, ...lines].map(({ name }) => name))
    if (drawn.size || names) this.#tell("numbers", { names: drawn })
  }

  /** Look at one variant alone; the same one again, or null, shows all. */
  isolate(variant) {
    this.alone = this.alone === variant ? null : variant
    this.#tell("alone")
  }

  /** Count steps or epochs on the axis. */
  countIn(axis) {
    this.axis = axis
    this.#measure()
    this.#tell("snapshot")
  }

  /** Return the spread of a series over a variant as curves.js draws it; `band` is "range", "std" or "none". */
  spread(variant, name, band) {
    const one = this.#spreads.get(`${variant} ${name}`)
    if (!one) return null
    const [min, max] = bandOf(one, band)
    return { ...this.#places(one, name), min, max, mean: one.mean, last: one.mean, std: one.std, runs: one.runs, isBand: band !== "none" }
  }

  /** Return the series of one run as curves.js draws it, or null. */
  line(run, name) {
    const one = this.#lines.get(`${run} ${name}`)
    return one ? { ...this.#places(one, name), min: one.mean, max: one.mean, mean: one.mean, last: one.mean } : null
  }

  #places({ step, epoch, mean, width }, name) {
    const inSteps = this.axis === "step"
    const isOne = !inSteps || OF_EPOCHS.test(name)
    return { start: inSteps ? step : epoch, width: isOne ? 1 : width, bad: new Float32Array(mean.length) }
  }

  #measure() {
    const cards = [...this.cards.values()]
    const [now, whole] = this.axis === "step" ? ["step", "steps"] : ["epoch", "epochs"]
    const most = (key) => Math.max(0, ...cards.map((card) => card[key] ?? 0))
    const ended = cards.length > 0 && cards.every(({ status }) => ENDED.has(status.name))
    this.state = { ...this.state, step: most(now), steps: most(whole), ended: ended ? { kind: "finished" } : null }
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }))
  }
}

export const ENDED = new Set(["finished", "stopped", "failed"])

/** Return least and greatest of a band: of all runs, or a standard deviation about the mean. */
export function bandOf({ mean, low, high, std }, band) {
  if (band === "none") return [mean, mean]
  if (band === "range") return [low, high]
  const around = (sign) => mean.map((value, at) => (Number.isNaN(std[at]) ? value : value + sign * std[at]))
  return [around(-1), around(1)]
}
