// The numbers of a range of steps at the finest level that fits: asked of the server when the overview is too coarse.

import { ask } from "../api.js"

const WAIT_MS = 160
const AGAIN_MS = 1000 // a range that reaches to the newest step grows while the run does

/** Keeps the numbers of the present range; `changed` is called when new ones have come. */
export class SeriesWindow {
  #timer = 0
  #asked = null
  #changed

  constructor(changed) {
    this.#changed = changed
    this.series = null // Map: name -> Series as curves.js draws it
    this.range = null
  }

  /**
   * Ask for a range, soon; a later ask replaces it.
   *
   * @param {{run: string, names: string[], range: [number, number], width: number}} what width: buckets wanted
   */
  want(what) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#fetch(what), WAIT_MS)
  }

  /** Ask again for a range that still grows, at most once a second. */
  refresh(what) {
    if (this.#asked || this.#timer || performance.now() - (this.heard ?? 0) < AGAIN_MS) return
    this.want(what)
  }

  /** Forget the range: the overview is shown again. */
  drop() {
    clearTimeout(this.#timer)
    this.#timer = 0
    this.#asked?.abort()
    this.#asked = null
    this.series = this.range = null
  }

  async #fetch({ run, names, range, width }) {
    this.#timer = 0
    this.#asked?.abort()
    const asked = (this.#asked = new AbortController())
    const query = new URLSearchParams({ names: names.join(","), from: range[0], to: range[1], width })
    try {
      const answer = await ask("GET", `/api/runs/${encodeURIComponent(run)}/series?${query}`, undefined, asked.signal)
      this.series = new Map(Object.entries(answer.series).map(([name, columns]) => [name, unpack(columns, answer.bucket)]))
      this.range = range
      this.failed = null
    } catch (error) {
      if (asked.signal.aborted) return
      this.failed = error // the overview stays on the chart, and the note says so
    }
    this.heard = performance.now()
    if (this.#asked === asked) this.#asked = null
    this.#changed()
  }
}

/** Turn the columns of an answer, in which null stands for not-a-number, into typed arrays. */
export function unpack(columns, bucket) {
  const numbers = (column) => Float32Array.from(column, (value) => value ?? NaN)
  return {
    start: Float64Array.from(columns.step),
    width: bucket,
    min: numbers(columns.min),
    max: numbers(columns.max),
    mean: numbers(columns.mean),
    last: numbers(columns.last),
    bad: Float32Array.from(columns.bad),
  }
}
