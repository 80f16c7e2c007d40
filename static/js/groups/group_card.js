// Fills the row of a group in the list of runs, from the group's numbers.

import { part, say } from "../dom.js"
import { duration } from "../numbers.js"
import { when } from "../run_card.js"
import { t } from "../texts.js"
import { valueText, nameOf } from "./metrics.js"

const ORDER = ["failed", "stalled", "running", "starting", "resuming", "paused", "queued", "interrupted", "stopped", "finished"]

/** Show a group in its row. */
export function fillGroup(row, group) {
  const link = part(row, "name")
  link.href = `/groups/${group.id}`
  say(link, group.name || t("groups.unnamed"))
  say(part(row, "what"), [t("groups.runs", { n: group.runs }), group.dataset_name || group.dataset, group.model].join(" \u00b7 "))
  const { statuses, metric } = group
  const names = ORDER.filter((one) => statuses[one])
  const chip = part(row, "status")
  const shown = names.find((one) => one === "running") ?? names[0]
  chip.dataset.status = shown
  say(chip, t(`status.${shown}`))
  say(part(row, "told"), names.map((one) => t(`groups.count.${one}`, { n: statuses[one] })).join(" \u00b7 "))
  say(part(row, "metric"), metric ? valueText(metric, group.best) : "\u2013")
  say(part(row, "metric-name"), metric ? t("groups.column.best", { metric: nameOf(metric) }) : "")
  part(row, "progress").value = group.steps ? group.step / group.steps : 0
  const left = typeof group.eta_s === "number" ? duration(group.eta_s) : null
  say(part(row, "eta"), left ? t(`eta.${left.unit}`, { n: left.n }) : "")
  say(part(row, "when"), when(group.created))
  say(part(row, "delete-name"), t("run.delete.name", { name: group.name || t("groups.unnamed") }))
  const bin = row.querySelector("[data-delete-group]")
  bin.disabled = !group.deletable
  bin.title = t(bin.disabled ? "groups.delete.not_yet" : "run.delete")
}
