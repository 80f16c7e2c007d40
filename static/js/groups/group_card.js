// Fills the row of a group in the list of runs, from the cards of its runs.

import { part, say } from "../dom.js"
import { duration } from "../numbers.js"
import { when } from "../run_card.js"
import { t } from "../texts.js"
import { ENDED } from "./group_store.js"
import { valueText, nameOf } from "./metrics.js"

const ORDER = ["failed", "stalled", "running", "starting", "resuming", "paused", "queued", "interrupted", "stopped", "finished"]
const BEST = [["validation.accuracy", Math.max], ["validation.rmse", Math.min], ["validation.loss", Math.min], ["loss.data", Math.min]]

/** Return how far runs are together: as app/groups/card.py does it. */
export function progressOf(cards) {
  const step = cards.reduce((sum, card) => sum + card.step, 0)
  const left = cards.map((card) => (ENDED.has(card.status.name) ? 0 : Math.max(0, card.steps - card.step)))
  const whole = left.reduce((sum, one) => sum + one, 0)
  const moving = cards.map((card, at) => ({ eta: card.eta_s, left: left[at] })).filter(({ eta, left: own }) => eta && own)
  const speed = moving.reduce((sum, { eta, left: own }) => sum + own / eta, 0)
  return { step, steps: step + whole, eta_s: speed ? Math.max(whole / speed, ...moving.map(({ eta }) => eta)) : null }
}

/** Show a group in its row. */
export function fillGroup(row, { id, name, cards }) {
  const link = part(row, "name")
  link.href = `/groups/${id}`
  say(link, name || t("groups.unnamed"))
  const [{ dataset, model }] = cards
  say(part(row, "what"), [t("groups.runs", { n: cards.length }), dataset, model].join(" \u00b7 "))
  const counts = new Map()
  for (const { status } of cards) counts.set(status.name, (counts.get(status.name) ?? 0) + 1)
  const names = ORDER.filter((one) => counts.has(one))
  const chip = part(row, "status")
  const shown = names.find((one) => one === "running") ?? names[0]
  chip.dataset.status = shown
  say(chip, t(`status.${shown}`))
  say(part(row, "told"), names.map((one) => t(`groups.count.${one}`, { n: counts.get(one) })).join(" \u00b7 "))
  const [metric, least] = BEST.find(([one]) => cards.some(({ metrics }) => typeof metrics?.[one] === "number")) ?? []
  const values = metric ? cards.map(({ metrics }) => metrics?.[metric]).filter((value) => typeof value === "number") : []
  say(part(row, "metric"), metric ? valueText(metric, least(...values)) : "\u2013")
  say(part(row, "metric-name"), metric ? t("groups.column.best", { metric: nameOf(metric) }) : "")
  const { step, steps, eta_s } = progressOf(cards)
  part(row, "progress").value = steps ? step / steps : 0
  const left = eta_s === null ? null : duration(eta_s)
  say(part(row, "eta"), left ? t(`eta.${left.unit}`, { n: left.n }) : "")
  say(part(row, "when"), when(Math.min(...cards.map(({ created }) => created))))
  say(part(row, "delete-name"), t("run.delete.name", { name: name || t("groups.unnamed") }))
  const bin = row.querySelector("[data-delete-group]")
  bin.disabled = !cards.every(({ status }) => status.actions.includes("delete"))
  bin.title = t(bin.disabled ? "groups.delete.not_yet" : "run.delete")
}
