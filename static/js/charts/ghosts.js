// Superseded points, the ghosts of a curve: what earlier attempts measured beyond where a later one goes on.

import { ask } from "../api.js"

const BUCKETS = 500 // of one attempt

/**
 * @typedef {object} Ghost what one attempt left behind
 * @property {number} attempt
 * @property {number} from step at which it was left
 * @property {number} to its last step
 * @property {Map<string, object>} series by name, as curves.js draws them
 */

/** Ask for what was superseded of a run; `briefly` only whether there is something. */
export async function askGhosts(run, { briefly = false } = {}) {
  const query = new URLSearchParams(briefly ? { names: "loss.data", width: 1 } : { width: BUCKETS })
  const { segments } = await ask("GET", `/api/runs/${encodeURIComponent(run)}/superseded?${query}`)
  return segments.map(unpack)
}

/** Turn a segment of an answer, in which null stands for not-a-number, into typed arrays. */
export function unpack({ attempt, from, to, bucket, series }) {
  const read = ([name, rows]) => [name, {
    start: Float64Array.from(rows, ([start]) => start),
    width: bucket,
    min: Float32Array.from(rows, ([, min]) => min ?? NaN),
    max: Float32Array.from(rows, ([, , max]) => max ?? NaN),
    mean: Float32Array.from(rows, ([, , , mean]) => mean ?? NaN),
    last: Float32Array.from(rows, ([, , , mean]) => mean ?? NaN),
    bad: new Float32Array(rows.length),
  }]
  return { attempt, from, to, series: new Map(Object.entries(series).map(read)) }
}
