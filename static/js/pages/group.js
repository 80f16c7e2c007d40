// The page of several runs: one socket tells of all of them; the tables are read again when a run has come further.

import "../elements/chart_tools.js"
import "../groups/compare_table.js"
import "../groups/group_head.js"
import "../groups/metric_board.js"
import { ask } from "../api.js"
import { ByHttp } from "../by_http.js"
import { complain } from "../complain.js"
import { sayWhenFull } from "../disk.js"
import { toast } from "../dom.js"
import { GroupStore } from "../groups/group_store.js"
import { bind } from "../keys.js"
import { Live } from "../live.js"
import { t } from "../texts.js"
import { decode } from "../wire.js"

const READ_AGAIN_MS = 1500
const BETWEEN = " \u00b7 " // the parts of a run's name
const { group, runs } = document.documentElement.dataset
const whose = group ? { group } : { runs: runs.split(",") }
const address = group ? `/api/groups/${group}` : "/api/comparisons"
const query = (values) => new URLSearchParams(group ? values : { runs, ...values })
const labels = JSON.parse(document.documentElement.dataset.labels || "{}") // as they are kept -> in the words of the page
const store = new GroupStore()
const live = new Live()
const board = document.querySelector("metric-board")
const tools = document.querySelector("chart-tools")

for (const element of [board, tools, ...document.querySelectorAll("group-head")]) element.store = store

function inWords(some) {
  for (const one of some ?? []) {
    one.label = labels[one.label] ?? one.label
    if (one.name) one.name = one.name.split(BETWEEN).map((piece) => labels[piece] ?? piece).join(BETWEEN)
  }
}

function receive(message) {
  inWords(message.variants)
  store.receive(message)
}

let timer = 0
let seen = ""

async function readTable() {
  timer = 0
  try {
    const table = await ask("GET", `${address}/table?${query({})}`)
    inWords(table.variants)
    inWords(table.rows)
    for (const place of document.querySelectorAll("compare-table, outcome-table")) place.show(table)
  } catch (error) {
    if (error.title !== "offline") complain(error)
  }
}

// how far the runs are says whether the table has anything new: read at once at first, then at most every other second
store.addEventListener("cards", () => {
  const now = [...store.cards.values()].map(({ id, status, epoch }) => `${id} ${status.name} ${epoch}`).join()
  if (now === seen || timer) return
  timer = setTimeout(readTable, seen ? READ_AGAIN_MS : 0)
  seen = now
})

live.addEventListener("group", ({ detail }) => receive(detail))
live.addEventListener("problem", ({ detail }) => complain(detail))
live.addEventListener("gone", () => toast(t("groups.gone"), { kind: "bad", seconds: 60 }))
sayWhenFull(live)
board.addEventListener("board:names", ({ detail: { names } }) => live.watchGroup(whose, names))
new ByHttp(live, async () => {
  const answer = await fetch(`${address}/curves?${query({ names: board.chosen.join(",") })}`)
  if (answer.ok) receive(decode(await answer.arrayBuffer()))
})

live.watchGroup(whose, board.chosen)
live.connect()

bind({
  Space: () => tools.turnHold(),
  s: () => tools.turnSmooth(),
  l: () => tools.turnLog(),
  Escape: () => {
    tools.reset()
    store.isolate(null)
  },
})
