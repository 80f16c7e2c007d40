// The page of one lesson: keeps the prediction, starts the runs, shows them live, and says at the end what they came to.

import "../charts/group_chart.js"
import { ask } from "../api.js"
import { ByHttp } from "../by_http.js"
import { hold } from "../charts/cursor.js"
import { complain, sentenceOf } from "../complain.js"
import { sayWhenFull } from "../disk.js"
import { part, say, toast } from "../dom.js"
import { ENDED, GroupStore } from "../groups/group_store.js"
import { Descents } from "../lessons/descents.js"
import { told } from "../lessons/outcome.js"
import { recall, remember } from "../lessons/memory.js"
import { Live } from "../live.js"
import { t } from "../texts.js"
import { decode } from "../wire.js"

const page = document.querySelector(".lesson")
const { lesson, answer } = page.dataset
const labels = JSON.parse(page.dataset.labels)
const groups = JSON.parse(page.dataset.groups)
const paths = JSON.parse(page.dataset.paths ?? "null") // of a lesson without runs, for each setting
const descents = paths && new Descents(part(page, "descents"))
const address = `/api/lessons/${lesson}`
const charts = [...page.querySelectorAll("group-chart")]
const names = charts.map((chart) => chart.name)
const store = new GroupStore()
const live = new Live()
const prediction = part(page, "prediction")
const start = part(page, "start")
let group = ""
let graded = ""

for (const chart of charts) chart.store = store

// -- the prediction

function showPrediction() {
  const { prediction: before } = recall(lesson)
  // a choice that was made before this script ran is one too
  const kept = before || prediction.elements.prediction.value
  if (before) prediction.elements.prediction.value = before
  else if (kept) remember(lesson, { prediction: kept })
  part(page, "go").disabled = !kept
  part(page, "first").hidden = Boolean(kept)
  say(part(page, "kept"), t(kept ? "lesson.predict.kept" : "lesson.predict.help"))
}

prediction.addEventListener("change", () => {
  remember(lesson, { prediction: prediction.elements.prediction.value })
  showPrediction()
})

// -- the runs

start.addEventListener("change", () => showSetting(start.elements.setting.value))
start.addEventListener("submit", async (event) => {
  event.preventDefault()
  const go = part(page, "go")
  const refused = part(page, "refused")
  go.disabled = true
  refused.hidden = true
  try {
    if (paths) await setOut(start.elements.setting.value, !matchMedia("(prefers-reduced-motion: reduce)").matches)
    else {
      const { group: id } = await ask("POST", `${address}/start`, { setting: start.elements.setting.value })
      remember(lesson, { group: id, landed: undefined })
      open(id)
    }
    part(page, "watch").scrollIntoView({ block: "start" })
  } catch (error) {
    refused.hidden = false
    say(refused, sentenceOf(error))
  }
  go.disabled = false
})

function showSetting(setting) {
  for (const one of page.querySelectorAll("[data-setting]")) one.hidden = one.dataset.setting !== setting
  start.elements.setting.value = setting
}

/** Show the runs of a group, and grade them when all have ended. */
function open(id) {
  group = id
  graded = ""
  history.replaceState(null, "", `/lessons/${lesson}?group=${id}`)
  part(page, "watch").hidden = false
  part(page, "outcome").hidden = true
  part(page, "group").href = `/groups/${id}`
  say(part(page, "go"), t("lesson.again"))
  live.watchGroup({ group }, names)
}

/** Draw the paths of a setting, which take no time, and grade them. */
async function setOut(setting, isPlayed) {
  part(page, "watch").hidden = false
  say(part(page, "go"), t("lesson.paths.again"))
  remember(lesson, { group: setting })
  const [grade] = await Promise.all([ask("GET", `${address}/grade?setting=${setting}`), descents.setOut(paths[setting], isPlayed)])
  showGrade(grade)
}

function showProgress() {
  const cards = [...store.cards.values()]
  const ended = cards.filter(({ status }) => ENDED.has(status.name)).length
  const { step, steps } = store.progress
  part(page, "progress").value = steps ? step / steps : 0
  say(part(page, "told"), t("lesson.progress", { n: ended, all: cards.length }))
  part(page, "stop").hidden = ended === cards.length
  if (cards.length && ended === cards.length && graded !== group) grade()
}

part(page, "stop")?.addEventListener("click", async () => {
  try {
    await ask("POST", `/api/groups/${group}/stop`)
  } catch (error) {
    complain(error)
  }
})

for (const button of page.querySelectorAll("[data-look]")) {
  button.addEventListener("click", () => {
    const chart = charts.find(({ name }) => name === button.dataset.look)
    chart.scrollIntoView({ block: "nearest" })
    if (button.dataset.step) hold(Number(button.dataset.step))
    chart.classList.add("is-shown")
    setTimeout(() => chart.classList.remove("is-shown"), 1600)
  })
}

// -- the outcome

async function grade() {
  const asked = (graded = group)
  try {
    const grade = await ask("GET", `${address}/grade?group=${asked}`)
    if (asked === group) showGrade(grade)
  } catch (error) {
    complain(error)
  }
}

function showGrade(grade) {
  if (paths || recall(lesson).group === group) remember(lesson, { landed: grade.landed })
  part(page, "grade").replaceChildren(...told(grade, !paths))
  part(page, "outcome").hidden = false
  reveal(grade.landed)
}

function reveal(landed) {
  const { prediction: kept } = recall(lesson)
  const words = kept === answer ? "lesson.predicted.right" : kept && prediction.querySelector(`[value="${CSS.escape(kept)}"]`) ? "lesson.predicted.other" : "lesson.predicted.none"
  const chosen = prediction.querySelector("input:checked")?.nextElementSibling.textContent ?? ""
  const line = part(page, "predicted")
  line.hidden = false
  say(line, `${t(words, { chosen })}${landed ? "" : ` ${t("lesson.predicted.missed")}`}`)
  part(page, "reveal").open = true
}

live.addEventListener("group", ({ detail }) => {
  // a group has the words of the language in which it was launched
  for (const one of detail.variants ?? []) one.label = labels[one.label] ?? one.label
  store.receive(detail)
})
live.addEventListener("problem", ({ detail }) => complain(detail))
live.addEventListener("gone", () => toast(t("lesson.gone"), { kind: "bad", seconds: 60 }))
sayWhenFull(live)
new ByHttp(live, async () => {
  if (!group) return
  const found = await fetch(`/api/groups/${group}/curves?${new URLSearchParams({ names: names.join(",") })}`)
  store.receive(decode(await found.arrayBuffer()))
})

showPrediction()
if (paths) {
  const { group: kept } = recall(lesson)
  const setting = kept in paths ? kept : (location.pathname.split("/")[3] ?? "offline")
  showSetting(setting)
  if (kept in paths) setOut(setting, false).catch(complain)
} else {
  store.addEventListener("cards", showProgress)
  store.addEventListener("snapshot", showProgress)
  store.countIn("epoch")
  live.connect()
  const wanted = [page.dataset.group, recall(lesson).group].find((id) => groups.some((one) => one.id === id))
  if (wanted) {
    showSetting(groups.find(({ id }) => id === wanted).setting)
    open(wanted)
  } else showSetting(location.pathname.split("/")[3] ?? "offline")
}
