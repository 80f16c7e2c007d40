// The page of all runs: the list hears of every change over the socket.

import "../elements/run_list.js"
import { ask } from "../api.js"
import { complain } from "../complain.js"
import { toast } from "../dom.js"
import { Live } from "../live.js"
import { t } from "../texts.js"

const list = document.querySelector("run-list")
const live = new Live()

live.addEventListener("runs", ({ detail }) => (list.runs = detail.runs ?? detail))
live.addEventListener("status", ({ detail }) => detail.lasting && toast(t("offline"), { kind: "bad", seconds: 60 }))
live.watchList()
live.connect()

try {
  list.runs = (await ask("GET", "/api/runs")).runs
} catch (error) {
  complain(error)
}
