// The run that this page shows. Loaded ahead of the elements, so that its snapshot is there when they are.

import { Live } from "./live.js"
import { RunStore } from "./store.js"

export const { run } = document.body.dataset
export const store = new RunStore()
export const live = new Live()

live.watch(run, store)
live.openEarly()
