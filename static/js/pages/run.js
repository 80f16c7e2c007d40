// The page of one run: one socket, one store, and every element that wants to see it.
//
// The charts come first: the first numbers are on them while the rest of the page is still being loaded.

import "../elements/chart_board.js"
import { Live } from "../live.js"
import { RunStore } from "../store.js"

const { run } = document.documentElement.dataset
const store = new RunStore()
const live = new Live()

document.querySelector("chart-board").store = store
live.watch(run, store)
live.connect(globalThis.earlySocket)

const { bringToLife } = await import("./run_parts.js")
bringToLife(run, store, live)
store.tellAgain()
live.tellAll()
