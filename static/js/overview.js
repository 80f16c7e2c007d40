// A whole series in at most 2,000 buckets of steps, extremes kept: what a chart draws. app/buckets.py has the same rules.
//
// A point belongs to bucket floor(step / width). When it would make one bucket too many, the width doubles and
// buckets with the same floor(step / width) merge, until it fits.

export const MOST = 2000

export class Overview {
  #starts = new Float64Array(MOST)
  #totals = new Float64Array(MOST)
  #lows = new Float32Array(MOST)
  #highs = new Float32Array(MOST)
  #means = new Float32Array(MOST)
  #lasts = new Float32Array(MOST)
  #finites = new Float32Array(MOST)
  #bads = new Float32Array(MOST)

  /** Steps in a bucket: a power of two. */
  width = 1
  /** Buckets there are. */
  count = 0

  /** First step that each bucket may hold. These are views: the next push changes them. */
  get start() {
    return this.#starts.subarray(0, this.count)
  }

  /** Extremes, mean and last of the finite values of each bucket; NaN where there is none. */
  get min() {
    return this.#lows.subarray(0, this.count)
  }

  get max() {
    return this.#highs.subarray(0, this.count)
  }

  get mean() {
    return this.#means.subarray(0, this.count)
  }

  get last() {
    return this.#lasts.subarray(0, this.count)
  }

  /** How many values of each bucket are finite. */
  get counts() {
    return this.#finites.subarray(0, this.count)
  }

  /** How many are NaN or infinite. */
  get bad() {
    return this.#bads.subarray(0, this.count)
  }

  /** Take a point. Steps do not go back; a point before the last bucket is left out. */
  push(step, value) {
    let start = Math.floor(step / this.width) * this.width
    const newest = this.count ? this.#starts[this.count - 1] : -1
    if (start < newest) return
    if (start > newest) {
      while (this.count === MOST && start > this.#starts[this.count - 1]) {
        this.#widen()
        start = Math.floor(step / this.width) * this.width
      }
      if (!this.count || start > this.#starts[this.count - 1]) this.#begin(start)
    }
    this.#add(this.count - 1, Math.fround(value))
  }

  /**
   * Begin with the buckets of a snapshot.
   * @param {{width: number, count: number, start: Float64Array, min: Float32Array, max: Float32Array,
   *   mean: Float32Array, last: Float32Array, counts: Float32Array, bad: Float32Array}} buckets
   */
  load({ width, count, start, min, max, mean, last, counts, bad }) {
    this.width = width
    this.count = count
    this.#starts.set(start)
    const pairs = [[this.#lows, min], [this.#highs, max], [this.#means, mean], [this.#lasts, last], [this.#finites, counts], [this.#bads, bad]]
    for (const [own, given] of pairs) own.set(given)
    for (let i = 0; i < count; i++) this.#totals[i] = counts[i] ? mean[i] * counts[i] : 0
    return this
  }

  /** Drop the buckets that begin after a step. The last one may still hold later points: a snapshot sets that right. */
  truncate(step) {
    while (this.count && this.#starts[this.count - 1] > step) this.count -= 1
  }

  #begin(start) {
    const i = this.count++
    this.#starts[i] = start
    this.#lows[i] = this.#highs[i] = this.#means[i] = this.#lasts[i] = NaN
    this.#totals[i] = this.#finites[i] = this.#bads[i] = 0
  }

  #add(i, value) {
    if (!Number.isFinite(value)) {
      this.#bads[i] += 1
      return
    }
    this.#finites[i] += 1
    this.#totals[i] += value
    this.#means[i] = this.#totals[i] / this.#finites[i]
    this.#lasts[i] = value
    if (!(this.#lows[i] <= value)) this.#lows[i] = value
    if (!(this.#highs[i] >= value)) this.#highs[i] = value
  }

  #widen() {
    this.width *= 2
    let kept = -1
    for (let i = 0; i < this.count; i++) {
      const start = Math.floor(this.#starts[i] / this.width) * this.width
      if (kept >= 0 && this.#starts[kept] === start) this.#merge(kept, i)
      else this.#move(++kept, i, start)
    }
    this.count = kept + 1
  }

  #move(to, from, start) {
    for (const column of [this.#totals, this.#lows, this.#highs, this.#means, this.#lasts, this.#finites, this.#bads]) column[to] = column[from]
    this.#starts[to] = start
  }

  #merge(into, from) {
    this.#bads[into] += this.#bads[from]
    if (!this.#finites[from]) return
    this.#totals[into] += this.#totals[from]
    this.#finites[into] += this.#finites[from]
    this.#means[into] = this.#totals[into] / this.#finites[into]
    this.#lasts[into] = this.#lasts[from]
    if (!(this.#lows[into] <= this.#lows[from])) this.#lows[into] = this.#lows[from]
    if (!(this.#highs[into] >= this.#highs[from])) this.#highs[into] = this.#highs[from]
  }
}
