// What a lesson's runs came to, as it is told: the verdict, and each measure with its sentence, its numbers and its band.

import { make } from "../dom.js"
import { t } from "../texts.js"
import { draw } from "./band.js"
import { scatter } from "./scatter.js"

const MANY = 8 // rows: more of them stand in two columns

/** Return the elements that tell a grade, as GET /api/lessons/{name}/grade gives it. */
export function told({ landed, rows, seeds }, isOfRuns = true) {
  const missed = rows.filter((row) => !row.landed).length
  const words = landed ? t("lesson.landed.all", { n: rows.length }) : t("lesson.missed.some", { n: missed, all: rows.length })
  return [
    make("p", { class: "notice verdict", "data-kind": landed ? "good" : "warn" }, sign(landed), " ", make("b", {}, t(landed ? "lesson.verdict.landed" : "lesson.verdict.missed")), ` ${words} `, isOfRuns ? make("span", { class: "muted" }, t("lesson.seeds", { n: seeds })) : null),
    make("ul", { class: rows.length > MANY ? "graded is-long" : "graded" }, ...rows.map(rowOf)),
  ]
}

function rowOf(row) {
  const measured = row.spread ? `${row.measured} \u00b1 ${row.spread}` : row.measured
  const source = row.source_url ? make("a", { href: row.source_url, target: "_blank", rel: "noopener noreferrer" }, row.source) : row.source
  const was = row.reference === row.band ? [] : [["lesson.was", row.reference]]
  const facts = [["lesson.measured", measured], ["lesson.must", row.band], ...was, ["lesson.source", source]]
  return make(
    "li",
    { "data-landed": String(row.landed) },
    make("p", { class: "row spread" }, make("b", {}, row.label), make("span", { class: "chip", "data-status": row.landed ? "landed" : "missed" }, t(row.landed ? "lesson.landed" : "lesson.missed"))),
    make("p", {}, row.sentence),
    make("div", { class: "graded-numbers" }, draw(row.numbers, row.landed), make("dl", {}, ...facts.map(([key, value]) => make("div", {}, make("dt", {}, t(key)), make("dd", {}, value))))),
    row.picture ? scatter(row.picture) : null,
    valuesOf(row.values),
  )
}

function valuesOf(values) {
  const each = Object.entries(values)
  if (!each.length) return null
  return make("dl", { class: "graded-values small" }, ...each.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))))
}

function sign(landed) {
  return make("span", { class: "sign", "aria-hidden": "true" }, landed ? "\u2713" : "\u2717")
}
