// The page of all runs: the list hears of every change over the socket.

import "../elements/run_list.js"
import { ask } from "../api.js"
import { ByHttp } from "../by_http.js"
import { complain } from "../complain.js"
import { sayWhenFull } from "../disk.js"
import { Live } from "../live.js"

const list = document.querySelector("run-list")
const live = new Live()

live.addEventListener("runs", ({ detail }) => list.show(detail))
sayWhenFull(live)
new ByHttp(live, async () => list.show(await ask("GET", "/api/rows")))
live.watchList()
live.connect()

try {
  list.show(await ask("GET", "/api/rows"))
} catch (error) {
  complain(error)
}
