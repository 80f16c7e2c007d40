// The rows of the list of runs: the newest, of which the server tells when they change; older ones, as far as somebody has
// asked for them; and what the server finds among all when words are searched for. No DOM.

import { t } from "./texts.js"

const AT_ONCE = 200
const MOST_AT_ONCE = 1000 // rows that the server gives in one answer
const TYPED_MS = 200 // that nothing is typed before the server searches
const ORDER = ["running", "stalled", "starting", "resuming", "paused", "queued", "interrupted", "failed", "stopped", "finished"]

const of = ({ run, group }) => run ?? group
const statusOf = ({ run, group }) => (run ? ORDER.indexOf(run.status.name) : ORDER.findIndex((one) => group.statuses[one]))
const lossOf = ({ run, group }) => {
  const value = run ? (run.metrics?.["validation.loss"] ?? run.metrics?.["loss.data"]) : /loss/.test(group.metric) && group.best
  return typeof value === "number" ? value : Infinity // a text stands for what is not finite
}
const SORTS = {
  name: (a, b) => of(a).name.localeCompare(of(b).name),
  status: (a, b) => statusOf(a) - statusOf(b),
  progress: (a, b) => of(b).step / (of(b).steps || 1) - of(a).step / (of(a).steps || 1),
  loss: (a, b) => lossOf(a) - lossOf(b) || 0,
}

/** Return words as they are searched for. */
export function wordsOf(text) {
  return text.toLowerCase().split(/\s+/).filter(Boolean)
}

export class Listing {
  #ask
  #complain
  #changed
  #newest = []
  #older = []
  #wanted = 0 // how many older ones
  #count = 0
  #words = ""
  #hits = [] // what the server found for #words
  #timer = 0
  runs = 0
  moving = 0

  /**
   * @param {(method: string, path: string) => Promise<any>} ask asks the server
   * @param {(error: unknown) => void} complain says why that failed
   * @param {() => void} changed hears that there are other rows
   */
  constructor(ask, complain, changed) {
    this.#ask = ask
    this.#complain = complain
    this.#changed = changed
  }

  /** Take in the newest rows, of `count` that there are. */
  receive({ rows, count, runs, moving }) {
    const last = (some) => some.at(-1) && of(some.at(-1)).id
    const isMoved = count !== this.#count || last(rows) !== last(this.#newest)
    this.#newest = rows
    Object.assign(this, { runs, moving })
    this.#count = count
    // what comes after the newest has moved with them
    if (isMoved && this.#wanted) this.#lookBack()
    if (isMoved && this.#words) this.#find()
    this.#changed()
  }

  /** Every row that is known, each once, the newest first. */
  get all() {
    const known = new Map()
    for (const row of [...this.#newest, ...this.#older, ...this.#hits]) if (!known.has(of(row).id)) known.set(of(row).id, row)
    return [...known.values()]
  }

  /** How many rows there are that are not shown. */
  get rest() {
    return this.#count - this.#newest.length - this.#older.length
  }

  /** Return which rows have all words of the search, in an order: "newest", or by what they are sorted. */
  found(rows, sort) {
    const words = wordsOf(this.#words)
    const hits = new Set(this.#hits.map((row) => of(row).id))
    const chosen = rows.filter((row) => hits.has(of(row).id) || words.every((word) => textOf(row).includes(word)))
    return SORTS[sort] ? chosen.sort(SORTS[sort]) : chosen
  }

  /** Return what changes when something of a group does; "" when it is not there. */
  stampOf(id) {
    const row = this.all.find(({ group }) => group?.id === id)
    return row ? JSON.stringify(row.group) : ""
  }

  /** Search for words: at once among what is here, and a moment later among all that there is. */
  search(text) {
    this.#words = text.trim()
    this.#hits = []
    clearTimeout(this.#timer)
    if (this.#words) this.#timer = setTimeout(() => this.#find(), TYPED_MS)
    this.#changed()
  }

  /** Ask for more of the older rows. */
  more() {
    this.#wanted = this.#older.length + AT_ONCE
    this.#lookBack()
  }

  async #find() {
    const words = this.#words
    try {
      const { rows } = await this.#ask("GET", `/api/rows?search=${encodeURIComponent(words.slice(0, 200))}`)
      if (words !== this.#words) return
      this.#hits = rows
      this.#changed()
    } catch (error) {
      this.#complain(error)
    }
  }

  async #lookBack() {
    const found = []
    try {
      while (found.length < this.#wanted) {
        const limit = Math.min(MOST_AT_ONCE, this.#wanted - found.length)
        const { rows } = await this.#ask("GET", `/api/rows?offset=${this.#newest.length + found.length}&limit=${limit}`)
        found.push(...rows)
        if (rows.length < limit) break
      }
      this.#older = found
      this.#changed()
    } catch (error) {
      this.#complain(error)
    }
  }
}

function textOf({ run, group }) {
  const one = run ?? group
  const statuses = run ? [run.status.name] : Object.keys(group.statuses)
  const words = [one.name, one.dataset_name || one.dataset, one.model, one.optimizer, one.by, ...statuses.map((name) => t(`status.${name}`))]
  return words.join(" ").toLowerCase()
}
