// Fills one row of the list of runs from its card.

import { part, say } from "./dom.js"
import { duration, percent, short } from "./numbers.js"
import { said } from "./said.js"
import { language, t } from "./texts.js"

const WHY = new Set(["failed", "stalled", "interrupted", "starting", "resuming"])
const SHARES = /accuracy$/
const FIRST = ["validation.accuracy", "validation.rmse", "validation.loss", "train.loss", "loss.data"]
const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" })

/** Show a card in a row. `within`: the name of the group that the row stands under, which need not be said again. */
export function fillCard(row, run, within = "") {
  row.querySelector("[data-pick]").value = run.id
  const name = part(row, "name")
  name.href = `/runs/${run.id}`
  const own = within && run.name.startsWith(`${within} \u00b7 `) ? run.name.slice(within.length + 3) : run.name
  say(name, own || t("run.unnamed"))
  say(part(row, "what"), [run.dataset_name || run.dataset, run.model, run.optimizer].join(" · "))
  const chip = part(row, "status")
  chip.dataset.status = run.status.name
  say(chip, run.status.name === "queued" && run.status.position ? t("home.queued", { n: run.status.position }) : t(`status.${run.status.name}`))
  chip.title = said(run.status.reason ?? "")
  const told = part(row, "matter")
  say(told, matter(run))
  told.title = told.textContent
  told.hidden = !told.textContent
  const found = part(row, "finding")
  say(found, run.finding ? t(`diagnosis.${run.finding}.title`) : "")
  found.hidden = !run.finding
  const metric = FIRST.find((one) => typeof run.metrics?.[one] === "number")
  say(part(row, "metric"), metric ? (SHARES.test(metric) ? percent(run.metrics[metric]) : short(run.metrics[metric])) : "–")
  say(part(row, "metric-name"), metric ? t(`series.${metric}`) : "")
  part(row, "progress").value = run.steps ? Math.min(1, run.step / run.steps) : 0
  say(part(row, "eta"), progressText(run))
  say(part(row, "when"), when(run.created))
  say(part(row, "delete-name"), t("run.delete.name", { name: run.name || t("run.unnamed") }))
  const bin = row.querySelector("[data-delete]")
  bin.disabled = !run.status.actions.includes("delete")
  bin.title = t(bin.disabled ? "run.delete.not_yet" : "run.delete")
  drawSpark(part(row, "spark"), run.spark ?? [])
}

/** Return what is the matter with a run, as shortly as there is room for. */
function matter({ status, damage }) {
  if (damage) return t("home.damaged")
  return WHY.has(status.name) ? said(status.reason ?? "") : ""
}

/** Return the path of a spark line in a box of 120 x 32; a hole where a value is missing. Pure. */
export function sparkPath(values) {
  const finite = values.filter((one) => typeof one === "number" && Number.isFinite(one))
  if (finite.length < 2) return ""
  const low = Math.min(...finite)
  const span = Math.max(...finite) - low || 1
  let pen = "M"
  return values.map((value, i) => {
    if (typeof value !== "number" || !Number.isFinite(value)) {
      pen = "M"
      return ""
    }
    const point = `${pen}${((i / (values.length - 1)) * 118 + 1).toFixed(1)} ${(29 - ((value - low) / span) * 26).toFixed(1)}`
    pen = "L"
    return point
  }).join("")
}

function drawSpark(svg, values) {
  const path = sparkPath(values)
  const line = svg.querySelector("path")
  if (line.getAttribute("d") !== path) line.setAttribute("d", path)
  svg.toggleAttribute("data-empty", !path)
}

function progressText({ epoch, epochs, eta_s, status }) {
  const where = epochs ? t("home.epochs", { epoch, epochs }) : ""
  if (status.name !== "running" || typeof eta_s !== "number") return where
  const { unit, n } = duration(eta_s)
  return [where, t(`eta.${unit}`, { n })].filter(Boolean).join(" · ")
}

/** Return how long ago that was: "3 min. ago". */
export function when(created) {
  if (!created) return ""
  const { unit, n } = duration(Date.now() / 1000 - created)
  return unit === "seconds" ? t("just_now") : ago.format(-n, unit)
}
