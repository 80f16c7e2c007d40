// Histograms and other arrays that the store does not have: those from before the page was opened, and the exact one at a step.
//
// An answer holds all tensors of a probe, so the panels of a page share it: one request for twelve of them.

import { ask } from "../api.js"
import { ARRAYS, decode, numberOf } from "../wire.js"

const KEPT_STEPS = 24
const histories = new WeakMap() // store -> Map: probe -> promise
const exact = new WeakMap() // store -> Map: "probe step" -> promise

/** Load a probe's history into the store, once; captures that came in the meantime stay. */
export function loadHistory(store, run, probe) {
  return once(histories, store, probe, Infinity, async () => {
    const response = await fetch(address(run, probe, "/history"))
    if (!response.ok) throw new Error(`no history of ${probe}: ${response.status}`)
    const { captures } = decode(await response.arrayBuffer())
    const byName = new Map()
    for (const { name, step, shape, facts, counts } of captures) {
      if (!byName.has(name)) byName.set(name, [])
      byName.get(name).push({ step, shape, facts, counts })
    }
    for (const [name, old] of byName) {
      const key = `${probe}/${name}`
      store.history.set(key, merge(old.map(owned), store.history.get(key) ?? []))
    }
  })
}

/** Return the capture of a tensor at or before a step, or null. */
export async function captureAt(store, run, probe, tensor, step) {
  const answer = await once(exact, store, `${probe} ${step}`, KEPT_STEPS, () => ask("GET", `${address(run, probe)}?step=${step}`))
  const found = answer.tensors[tensor]
  if (!found) return null
  const facts = Object.fromEntries(Object.entries(found.facts).map(([name, value]) => [name, numberOf(value)]))
  const counts = ARRAYS[found.dtype].from(found.counts, numberOf)
  return { step: found.step, shape: found.shape, facts, counts }
}

/** Merge two histories by step; what the page heard itself wins. */
export function merge(old, heard) {
  const byStep = new Map([...old, ...heard].map((entry) => [entry.step, entry]))
  return [...byStep.values()].sort((one, other) => one.step - other.step)
}

/** A view would hold the whole answer in memory. */
function owned({ counts, ...shot }) {
  return { ...shot, counts: counts.slice() }
}

function once(cache, store, key, most, load) {
  if (!cache.has(store)) {
    cache.set(store, new Map())
    // a snapshot after a lost connection leaves a hole in the history: the next who asks loads it again
    store.addEventListener("snapshot", () => cache.delete(store), { once: true })
  }
  const known = cache.get(store)
  if (!known.has(key)) {
    if (known.size >= most) known.delete(known.keys().next().value)
    const promise = load()
    known.set(key, promise)
    promise.catch(() => known.delete(key)) // the next one who asks tries again
  }
  return known.get(key)
}

function address(run, probe, rest = "") {
  return `/api/runs/${encodeURIComponent(run)}/captures/${encodeURIComponent(probe)}${rest}`
}
