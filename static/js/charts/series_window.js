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
   * See to it that the numbers of a range are there: ask if they are not, or again if the range still grows.
   *
   * Asking waits a moment, so that a zoom in three strokes is one request.
   *
   * @param {{run: string, names: string[], range: [number, number], width: number}} what width: buckets wanted
   * @param {number} last newest step of the run
   */
  keep(what, last) {
    if (this.#timer || this.#asked) return
    const grows = last > (this.last ?? 0) && (this.last ?? 0) < what.range[1]
    const isDue = performance.now() - (this.heard ?? -Infinity) > AGAIN_MS
    if ((this.range || this.failed) && !(isDue && grows)) return
    this.last = last
    this.#timer = setTimeout(() => this.#fetch(what), WAIT_MS)
  }

  /** Forget the range: the overview is shown again. */
  drop() {
    clearTimeout(this.#timer)
    this.#timer = 0
    this.#asked?.abort()
    this.#asked = null
    this.series = this.range = this.failed = null
  }

  async #fetch({ run, names, range, width }) {
    this.#timer = 0
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
