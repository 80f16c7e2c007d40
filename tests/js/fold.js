// Folds binary messages, each after its length as u32, and prints what a page would then know, as JSON.
// Called by tests/test_js.py: node tests/js/fold.js FILE

import { readFileSync } from "node:fs"
import { RunStore } from "../../static/js/store.js"
import { decode } from "../../static/js/wire.js"

const file = readFileSync(process.argv[2])
const store = new RunStore()
const refused = []
for (let at = 0; at < file.length; ) {
  const length = file.readUInt32LE(at)
  // a buffer of its own, as a socket gives it: views need it to begin at a multiple of 8
  const message = new Uint8Array(file.subarray(at + 4, at + 4 + length)).buffer
  if (!store.receive(decode(message))) refused.push(at)
  at += 4 + length
}
const texts = (numbers) => Array.from(numbers, (one) => (Number.isFinite(one) ? one : String(one)))
const overviews = Object.fromEntries(
  [...store.overviews].map(([name, { width, count }]) => {
    const { start, min, max, mean, last, counts, bad } = store.overviews.get(name)
    const columns = Object.entries({ start, min, max, mean, last, counts, bad }).map(([key, view]) => [key, texts(view)])
    return [name, { width, count, ...Object.fromEntries(columns) }]
  }),
)
const shots = ({ step, facts, counts }) => ({ step, facts: Object.fromEntries(Object.entries(facts).map(([key, one]) => [key, Number.isFinite(one) ? one : String(one)])), counts: [...counts] })
const captures = Object.fromEntries([...store.captures].map(([key, one]) => [key, shots(one)]))
const history = Object.fromEntries([...store.history].map(([key, all]) => [key, all.map(({ step }) => step)]))
const { state, status, position, diagnosis } = store
process.stdout.write(JSON.stringify({ state, status, position, diagnosis, overviews, captures, history, refused }))
