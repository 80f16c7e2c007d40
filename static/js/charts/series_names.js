// The names of series: which ones a chart wishes for, and the words by which each is shown.

import { has, t } from "../texts.js"

/** Return what an element's `names` ask for: apart by commas where there are any, else by spaces. */
export function wishes(element) {
  const text = element.getAttribute("names") ?? ""
  return text.split(text.includes(",") ? "," : /\s+/).map((wish) => wish.trim()).filter(Boolean)
}

/** Return the words for a series: from the catalogue, or the part of its name after the first dot. */
export function labelOf(name) {
  if (has(`charts.series.${name}`)) return t(`charts.series.${name}`)
  const [group, ...rest] = name.split(".")
  const own = rest.join(".")
  if (own === "all") return t("charts.all_layers")
  if (has(`charts.series.${group}.*`)) return t(`charts.series.${group}.*`, { name: own })
  return has(`groups.metric.${own}`) ? t(`groups.metric.${own}`) : own || name
}
