// The page of optimizer paths: who sets out, on which surface, from where; the server works the paths out with the very
// components that train networks, and the page plays them step by step. Everything is in the URL.

import "../elements/number_slider.js"
import { ask } from "../api.js"
import { sentenceOf } from "../complain.js"
import { banner, make, part, say } from "../dom.js"
import { bind } from "../keys.js"
import { said } from "../said.js"
import { drawGround, groundOf } from "../playground/ground.js"
import { Plane } from "../playground/plane.js"
import { Player } from "../playground/player.js"
import { Racers } from "../playground/racers.js"
import { formatPoint, showResults, spoken } from "../playground/results.js"
import { drawTrails } from "../playground/trails.js"
import { racerOf, showTuning } from "../playground/tuning.js"
import { formatValue } from "../charts/format.js"
import { t } from "../texts.js"

const TRY_AGAIN_MS = 3000
const AWAY = 503
const PAUSE_IN_TYPING_MS = 200
const page = document.querySelector("[data-paths]")
const fields = { surface: part(page, "surface"), x: part(page, "start-x"), y: part(page, "start-y"), steps: part(page, "steps") }
const grounds = new Map() // surface -> ready to be drawn
let surfaces = []
let most = { steps: 1, optimizers: 1 }
let ground = null
let paths = [] // as shown; dimmed while they no longer fit what is asked
let labels = []
let wanted = null // {at}: they shall set out again, as soon as the request under way is answered
let isAsking = false
let timer = 0

const plane = new Plane(part(page, "plane"), (pen) => {
  if (!ground) return
  drawGround(pen, plane, ground)
  drawTrails(pen, plane, paths, player.at)
  if (startIsRead()) plane.put(part(page, "start"), start())
})
const racers = new Racers(part(page, "racers"), () => changed())
const player = new Player(part(page, "player"), (at, isPlaying) => {
  plane.want()
  if (!paths.length) return
  showResults(part(page, "results"), paths, labels, at)
  if (isPlaying) return
  plane.canvas.setAttribute("aria-label", spoken(paths, labels, at))
  keep()
})

/** Return the surface that is chosen. */
function surface() {
  return surfaces.find(({ name }) => name === fields.surface.value) ?? surfaces[0]
}

function start() {
  return [fields.x.value, fields.y.value].map(Number)
}

function startIsRead() {
  return [fields.x.value, fields.y.value].every((text) => text.trim() !== "" && Number.isFinite(Number(text)))
}

/** Fill the page from the URL; what it does not say is as the surface has it. */
async function read() {
  const query = new URLSearchParams(location.search)
  fields.surface.value = query.get("surface") ?? surfaces[0].name
  if (!fields.surface.value) fields.surface.value = surfaces[0].name
  const { start: from, steps, lineup } = surface()
  fields.x.value = query.get("x") ?? String(from[0])
  fields.y.value = query.get("y") ?? String(from[1])
  fields.steps.value = query.get("steps") ?? String(steps)
  racers.set(query.has("o") ? query.getAll("o").slice(0, most.optimizers).map(racerOfText) : lineup)
  await look()
  await race(Number(query.get("at") ?? fields.steps.value))
}

/** "sgd lr 0.1 momentum 0.9" -> a racer. */
function racerOfText(text) {
  const [name, ...rest] = text.split(" ")
  return { name, params: Object.fromEntries(rest.flatMap((word, index) => (index % 2 ? [] : [[word, rest[index + 1] ?? ""]]))) }
}

/** Write the URL; a way back is kept only where the surface changes. */
function keep(isNew = false) {
  const query = new URLSearchParams({ surface: fields.surface.value, x: fields.x.value, y: fields.y.value, steps: fields.steps.value })
  for (const text of racers.texts) query.append("o", text)
  if (player.at !== Number(fields.steps.value)) query.set("at", player.at)
  const address = `?${query}`
  // the language switch comes back to this very picture
  for (const link of document.querySelectorAll("a[href^='/language/']")) link.href = `${link.pathname}?back=${encodeURIComponent(location.pathname + address)}`
  if (address === location.search) return
  history[isNew ? "pushState" : "replaceState"](null, "", address)
}

/** Show the ground of the surface that is chosen. */
async function look() {
  const { name } = surface()
  if (!grounds.has(name)) grounds.set(name, groundOf(await ask("GET", `/api/surfaces/${name}`)))
  ground = grounds.get(name)
  plane.window = ground.window
  say(part(page, "formula"), `f(x, y) = ${surface().formula}`)
  say(part(page, "about"), t(`paths.about.${name}`))
}

/** Let them set out, and stand at a step. Of what is asked while a request is under way only the last is asked. */
async function race(at) {
  wanted = { at }
  if (isAsking) return
  isAsking = true
  while (wanted) {
    const next = wanted
    wanted = null
    await raceOnce(next.at)
  }
  isAsking = false
}

async function raceOnce(at) {
  const number = (text) => (text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text)
  const asked = { surface: surface().name, start: [number(fields.x.value), number(fields.y.value)], steps: number(fields.steps.value), optimizers: racers.values }
  showTuning(part(page, "tuning"), surface(), asked.optimizers)
  part(page, "add").disabled = racers.rows.length >= most.optimizers
  try {
    const told = await ask("POST", "/api/paths", asked)
    if (asked.surface !== surface().name) return
    paths = told.paths
    labels = racers.labels
    complain([])
    page.removeAttribute("data-stale")
    player.set(asked.steps, at)
    keep()
  } catch (error) {
    page.setAttribute("data-stale", "")
    complain(error.problems?.length ? error.problems : [{ path: "", message: sentenceOf(error) }])
    if (error.title === "offline" || error.status === AWAY) timer = setTimeout(() => race(at), TRY_AGAIN_MS)
  }
  plane.want()
}

/** Something was typed or turned: let them set out again in a moment, and show the step that is shown now. */
function changed() {
  clearTimeout(timer)
  timer = setTimeout(() => race(shown()), PAUSE_IN_TYPING_MS)
}

/** Return the step to show next: the present one, or the last again. */
function shown() {
  return player.isAtEnd ? Number(fields.steps.value) : player.at
}

function complain(problems) {
  for (const place of page.querySelectorAll(".problem[role=alert]")) place.hidden = true
  for (const control of page.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid")
  for (const { path, message } of problems) {
    const control = controlOf(path)
    control?.setAttribute("aria-invalid", "true")
    const line = control?.closest("[data-path], li")?.querySelector(".problem[role=alert]") ?? part(page, "problem")
    line.textContent = said(message)
    line.hidden = false
  }
}

function controlOf(path) {
  if (path.startsWith("optimizers.")) return racers.controlOf(path.slice("optimizers.".length))
  return { start: fields.x, "start.x": fields.x, "start.y": fields.y }[path] ?? fields[path] ?? null
}

fields.surface.addEventListener("change", async () => {
  const { start: from, steps, lineup } = surface()
  Object.assign(fields.x, { value: String(from[0]) })
  Object.assign(fields.y, { value: String(from[1]) })
  fields.steps.value = String(steps)
  paths = []
  racers.set(lineup)
  await look()
  keep(true)
  await race(steps)
})
for (const name of ["x", "y", "steps"]) fields[name].addEventListener("input", changed)
part(page, "add").addEventListener("click", () => {
  racers.add(surface().lineup.find((one) => !racers.values.some(({ name }) => name === one.name)) ?? racerOf(surface().best?.rolling ?? surface().lineup[0]))
  racers.rows.at(-1).querySelector("select").focus()
  changed()
})
part(page, "try").addEventListener("click", () => {
  const { plain, rolling } = surface().best
  racers.set([plain, rolling].map(racerOf))
  race(Number(fields.steps.value))
})
part(page, "reset").addEventListener("click", () => {
  history.pushState(null, "", `?surface=${surface().name}`)
  read()
})
addEventListener("popstate", () => read())
plane.take(part(page, "start"), start, ([x, y]) => {
  fields.x.value = String(x)
  fields.y.value = String(y)
  part(page, "start").setAttribute("aria-label", t("paths.start_at", { point: formatPoint(x, y) }))
  plane.want()
  clearTimeout(timer)
  race(shown())
})
plane.plot.addEventListener("pointermove", (event) => {
  const [x, y] = plane.pointAt(event)
  say(part(page, "under"), ground ? t("paths.under", { point: formatPoint(x, y), f: formatValue(heightAt(x, y)) }) : "")
})
plane.plot.addEventListener("pointerleave", () => say(part(page, "under"), t("paths.how")))
bind({ Space: () => player.turn() })

/** Return the height under a point, from the grid. */
function heightAt(x, y) {
  const { window: [left, right, low, high], grid: { heights, rows, columns } } = ground
  const column = Math.round(((x - left) / (right - left)) * (columns - 1))
  const row = Math.round(((y - low) / (high - low)) * (rows - 1))
  return column < 0 || row < 0 || column >= columns || row >= rows ? NaN : heights[row * columns + column]
}

/** Ask for the surfaces until they are there: a server that has just begun is not ready at once. */
async function begin() {
  try {
    ;({ surfaces, most } = await ask("GET", "/api/surfaces"))
  } catch (error) {
    banner("paths", sentenceOf(error))
    await new Promise((done) => setTimeout(done, TRY_AGAIN_MS))
    return begin()
  }
  banner("paths", "")
  fields.surface.replaceChildren(...surfaces.map(({ name }) => make("option", { value: name }, t(`paths.surface.${name}`))))
  for (const one of page.querySelectorAll("[data-part=controls] :disabled")) one.disabled = false
  page.removeAttribute("data-waiting")
  await read()
}

begin()
