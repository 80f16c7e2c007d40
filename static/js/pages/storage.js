// The page of what takes the disk: choose runs and what to free, see what that gives, free it; the trash below.

import { ask } from "../api.js"
import { complain, sentenceOf } from "../complain.js"
import { sayWhenFull } from "../disk.js"
import { make, part, say, toast } from "../dom.js"
import { Live } from "../live.js"
import { bytes, duration } from "../numbers.js"
import { language, t } from "../texts.js"

const page = document.querySelector(".storage")
const form = part(page, "form")
const later = new Intl.RelativeTimeFormat(language, { numeric: "always" })
let known = { runs: [], trash: [] }
let asked = 0 // of several previews under way only the last is shown

/** Return what is asked for: the ids of the chosen runs, and what to do with them. */
function body() {
  const runs = [...form.querySelectorAll("[name=run]:checked")].map(({ value }) => value)
  return { runs, checkpoints: form.checkpoints.value, captures: form.captures.checked ? "thin" : "keep", delete: form.delete.checked }
}

async function load() {
  known = await ask("GET", "/api/storage")
  const { used, budget, disk, runs, trash } = known
  say(part(page, "used"), t(budget ? "storage.used.budget" : "storage.used", { used: bytes(used), free: bytes(disk.free), total: bytes(disk.total), budget: bytes(budget ?? 0) }))
  const meter = part(page, "meter")
  meter.hidden = false
  meter.value = budget ? Math.min(1, used / budget) : 1 - disk.free / disk.total
  const over = part(page, "over")
  over.hidden = !budget || used <= budget
  if (!over.hidden) say(over, t("disk.over", { over: bytes(used - budget), budget: bytes(budget) }))
  part(page, "no-runs").hidden = runs.length > 0
  form.hidden = runs.length === 0
  const chosen = new Set(body().runs)
  part(page, "runs").replaceChildren(...runs.map((run) => row(run, chosen.has(run.id))))
  part(page, "trash").replaceChildren(...trash.map(gone))
  part(page, "no-trash").hidden = trash.length > 0
  part(page, "empty").disabled = trash.length === 0
  await preview()
}

function row(run, chosen) {
  const element = part(page, "run").content.firstElementChild.cloneNode(true)
  const name = run.name || t("run.unnamed")
  const box = element.querySelector("[name=run]")
  Object.assign(box, { value: run.id, checked: chosen, ariaLabel: t("storage.choose", { name }) })
  const link = element.querySelector("a")
  link.href = `/runs/${run.id}`
  say(link, name)
  const chip = element.querySelector(".chip")
  chip.dataset.status = run.status.name
  say(chip, t(`status.${run.status.name}`))
  const sizes = [run.logs, run.checkpoints, run.other, run.total]
  element.querySelectorAll("td").forEach((cell, place) => say(cell, bytes(sizes[place])))
  return element
}

function gone(run) {
  const element = part(page, "gone").content.firstElementChild.cloneNode(true)
  const name = run.name || t("run.unnamed")
  const { unit, n } = duration(run.gone_at - Date.now() / 1000)
  say(element.querySelector("b"), name)
  say(element.querySelector("span"), t("storage.gone", { size: bytes(run.total), when: later.format(n, unit) }))
  const button = element.querySelector("button")
  button.ariaLabel = t("storage.restore.name", { name })
  button.addEventListener("click", () => act(async () => {
    await ask("POST", `/api/runs/${run.id}/restore`)
    toast(t("storage.restored", { name }))
  }))
  return element
}

/** Show what would be freed of what is chosen. */
async function preview() {
  const turn = (asked += 1)
  const boxes = [...form.querySelectorAll("[name=run]")]
  const wanted = body()
  part(page, "all").checked = boxes.length > 0 && wanted.runs.length === boxes.length
  part(page, "all").indeterminate = wanted.runs.length > 0 && wanted.runs.length < boxes.length
  const idle = !wanted.runs.length || (wanted.checkpoints === "none" && wanted.captures === "keep" && !wanted.delete)
  part(page, "free").disabled = true
  part(page, "refused").replaceChildren()
  if (idle) return say(part(page, "preview"), t("storage.choose_first"))
  say(part(page, "preview"), t("storage.counting"))
  try {
    const told = await ask("POST", "/api/storage/preview", wanted)
    if (turn !== asked) return
    const { frees, later: then, what } = told
    say(part(page, "preview"), t(then ? "storage.frees.later" : "storage.frees", { frees: bytes(frees), later: bytes(then) }))
    part(page, "free").disabled = !what.some(({ refused }) => !refused)
    refuse(what)
  } catch (error) {
    if (turn === asked) say(part(page, "preview"), sentenceOf(error))
  }
}

function refuse(what) {
  const lines = new Set(what.filter(({ refused }) => refused).map(({ name, refused }) => `${name || t("run.unnamed")}: ${refused}`))
  part(page, "refused").replaceChildren(...[...lines].map((line) => make("li", {}, line)))
}

async function free(wanted) {
  const { frees, later: then, what } = await ask("POST", "/api/storage/free", wanted)
  const deleted = what.filter(({ kind, refused }) => kind === "delete" && !refused).map(({ run }) => run)
  const undo = () => act(() => Promise.all(deleted.map((run) => ask("POST", `/api/runs/${run}/restore`))))
  const action = deleted.length ? { label: t("undo"), run: undo } : null
  toast(t(then ? "storage.freed.later" : "storage.freed", { frees: bytes(frees), later: bytes(then) }), { action, seconds: 20 })
  return what
}

/** Do something, say what went wrong, and show what is so now. */
async function act(work) {
  let what = []
  try {
    what = (await work()) ?? []
  } catch (error) {
    complain(error)
  }
  await load()
  if (Array.isArray(what) && what.some((one) => one?.refused)) refuse(what)
}

form.addEventListener("change", ({ target }) => {
  if (target === part(page, "all")) for (const box of form.querySelectorAll("[name=run]")) box.checked = target.checked
  preview()
})
form.addEventListener("submit", (event) => {
  event.preventDefault()
  part(page, "free").disabled = true
  act(() => free(body()))
})
part(page, "empty").addEventListener("click", () => {
  const total = known.trash.reduce((sum, { total }) => sum + total, 0)
  say(part(page, "sure-what"), t("storage.trash.sure.what", { n: known.trash.length, size: bytes(total) }))
  part(page, "sure").showModal()
})
part(page, "sure").addEventListener("close", ({ target }) => {
  if (target.returnValue === "empty") act(() => free({ trash: true }))
  target.returnValue = ""
})

const live = new Live()
sayWhenFull(live)
live.connect()

try {
  await load()
} catch (error) {
  complain(error)
}
