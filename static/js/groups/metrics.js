// The names of series as people call them, and which of them a page of several runs shows first. Pure.

import { percent, short } from "../numbers.js"
import { has, t } from "../texts.js"

export const OF_EPOCHS = /^(train|validation|test)\./
const SHARES = /(accuracy|precision|recall|f1|auc|exact)$/
const PARTS = ["validation", "train", "test"]

/** Return the words for a series: "validation accuracy". */
export function nameOf(name) {
  if (has(`series.${name}`)) return t(`series.${name}`)
  const [first, ...rest] = name.split(".")
  if (PARTS.includes(first)) return t(`groups.of.${first}`, { metric: wordsOf(rest.join(".")) })
  if (has(`charts.series.${name}`)) return t(`charts.series.${name}`)
  const own = rest.join(".")
  if (own && has(`charts.series.${first}.*`)) return t(`charts.series.${first}.*`, { name: own })
  return own && has(`board.${first}`) ? `${t(`board.${first}`)}: ${own}` : wordsOf(name)
}

/** Return a value of a series as text: a share in per cent, 96.2 %. */
export function valueText(name, value) {
  return SHARES.test(name) ? percent(value) : short(value)
}

/** Return a mean with its spread as text, both to the same place: 96.2 ± 0.4 %, 0.170 ± 0.004. */
export function spreadText(name, mean, std) {
  if (mean === null || mean === undefined || Number.isNaN(mean)) return "\u2013"
  if (std === null || Number.isNaN(std)) return valueText(name, mean)
  if (SHARES.test(name)) return `${(mean * 100).toFixed(1)} \u00b1 ${percent(std)}`
  if (!(std > 0) || Math.abs(mean) >= 1e5 || std < 1e-4) return `${short(mean)} \u00b1 ${short(std, 2)}`
  const places = Math.max(0, Math.min(4, 1 - Math.floor(Math.log10(std))))
  return `${mean.toFixed(places)} \u00b1 ${std.toFixed(places)}`
}

/** Return the series that are drawn when nobody has chosen: what judges the runs. */
export function firstChoice(names) {
  const judged = names.filter((name) => name.startsWith("validation."))
  const metric = judged.find((name) => name !== "validation.loss")
  const chosen = [metric, judged.find((name) => name === "validation.loss")].filter(Boolean)
  return chosen.length ? chosen : names.filter((name) => name === "loss.data")
}

/** Return the series in the order in which they are offered: what judges first, then each step's, then the rest. */
export function inOrder(names) {
  const place = (name) => {
    const part = PARTS.indexOf(name.split(".")[0])
    // what is measured comes before the loss that stands for it
    return part >= 0 ? part + (name.endsWith(".loss") ? 0.5 : 0) : name.startsWith("loss.") ? 3 : name === "optimizer.lr" ? 4 : 5
  }
  return [...names].sort((a, b) => place(a) - place(b))
}

function wordsOf(name) {
  if (has(`groups.metric.${name}`)) return t(`groups.metric.${name}`)
  return name.replaceAll("_", " ").replaceAll(".", " ")
}
