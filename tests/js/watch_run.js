// Watches a run on a real server as a page does, pauses it, and prints what it then knows.
// Called by tests/app/test_live.py: node --experimental-websocket tests/js/watch_run.js ADDRESS RUN

import { Live } from "../../static/js/live.js"
import { RunStore } from "../../static/js/store.js"

const [address, run] = process.argv.slice(2)
const live = new Live(address)
const store = new RunStore()
const seen = { snapshot: 0, numbers: 0, status: 0 }
for (const type of Object.keys(seen)) store.addEventListener(type, () => (seen[type] += 1))

const heard = (target, type, until) =>
  new Promise((resolve) => target.addEventListener(type, ({ detail }) => until(detail) && resolve(detail)))

const paused = heard(store, "event", ({ type }) => type === "paused")
const measured = heard(store, "numbers", () => store.state.step > 0 && seen.numbers > 3)
live.watch(run, store)
live.connect()
await measured
const refused = await live.command(run, { type: "dance" }).catch((problem) => problem)
const { id } = await live.command(run, { type: "pause" })
const answer = await paused
live.close()
const { state, status, position } = store
const loss = store.overviews.get("loss.data")
console.log(JSON.stringify({ state, status, position, seen, refused, answered: answer.command === id, points: loss.counts.reduce((sum, one) => sum + one, 0), last: loss.last.at(-1) }))
