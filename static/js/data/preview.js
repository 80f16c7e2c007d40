// What an upload would become, as parts of the page: columns with their kinds, first rows, images, and the sum of it.

import { make } from "../dom.js"
import { short } from "../numbers.js"
import { said } from "../said.js"
import { count, t } from "../texts.js"

const KINDS = ["number", "category", "ignore"]

/** Return the rows of the table of columns; that of the target says so in place of a choice. */
export function columnRows({ columns, options }) {
  return columns.map((column) => {
    const isTarget = column.name === options.target
    const id = `upload-column-${column.index}`
    const choice = make("select", { id, "data-column": column.index, "data-guess": column.guess, "aria-label": t("upload.column.of", { name: said(column.name) }) },
      ...KINDS.map((kind) => make("option", { value: kind, selected: kind === column.kind }, t(`upload.kind.${kind}`))))
    const why = column.why && column.kind === column.guess ? make("p", { class: "muted small" }, t(`upload.why.${column.why}`, oddOf(column))) : null
    return make("tr", { "data-path": `columns.${column.index}`, "data-kind": isTarget ? "target" : column.kind },
      make("th", { scope: "row" }, said(column.name)),
      make("td", {}, isTarget ? make("span", { class: "chip target" }, t("upload.is_target")) : choice, isTarget ? null : why,
        make("p", { class: "problem", role: "alert", hidden: true })),
      make("td", {}, valuesOf(column)),
      make("td", { class: "number" }, column.missing ? t("look.missing", { n: column.missing }) : "–"))
  })
}

/** Return the heads and the rows of the first rows; a cell that is missing is marked. */
export function firstRows({ columns, rows, options }) {
  const heads = columns.map(({ name, kind }) => make("th", { scope: "col", class: name === options.target ? "target" : kind }, said(name)))
  const body = rows.map((cells) =>
    make("tr", {}, ...cells.map((cell, place) => {
      const column = columns[place]
      const kind = column.name === options.target ? "target" : column.kind
      return make("td", { class: kind, "data-missing": cell.trim() === "" }, cell.trim() === "" ? "–" : cell)
    })))
  return { heads, body }
}

/** Return images with their class below. */
export function pictures(images) {
  return images.map(({ src, ...one }) => make("li", {}, make("img", { src, alt: "" }), make("span", { class: "small" }, one.class)))
}

/** Return what comes of it: samples, inputs, classes, and what is worth knowing before it is kept. */
export function becomes(preview) {
  const { samples, features, shape, classes = [], classes_in_all: inAll = 0, left_out: left = {}, rare = 0, test = null } = preview
  if (samples === undefined) return []
  // images that cannot be read are found when all of them are: until then they are counted as well
  const counted = preview.whole === false ? "upload.samples.read" : preview.options.unreadable === "skip" ? "upload.samples.most" : "upload.samples"
  const facts = make("dl", { class: "big-facts" },
    fact(t(counted), count(samples)),
    fact(t("upload.inputs"), shape?.length > 1 ? shape.join(" × ") : count(features)),
    inAll ? fact(t("upload.classes"), count(inAll)) : fact(t("upload.target"), t("upload.a_number")))
  const most = Math.max(1, ...classes.map((one) => one.count))
  const bars = make("ul", { class: "bars classes" }, ...classes.map((one) => make("li", {},
    make("span", {}, one.name), make("meter", { max: most, value: one.count, "aria-hidden": "true" }), make("span", {}, count(one.count)))))
  const notes = [
    preview.whole === false ? t("upload.note.sample", { n: preview.rows_read }) : "",
    left.no_target ? t("upload.note.no_target", { n: left.no_target }) : "",
    left.missing ? t("upload.note.missing", { n: left.missing }) : "",
    preview.others ? t("upload.note.others", { n: preview.others }) : "",
    test ? t(test.samples ? "upload.note.test" : "upload.note.test_unfit", { names: test.names.join(", "), n: test.samples }) : "",
    rare ? t("upload.note.rare", { n: rare }) : "",
    inAll > classes.length ? t("upload.note.classes", { n: inAll - classes.length }) : "",
  ].filter(Boolean)
  return [facts, classes.length ? bars : null, ...notes.map((text) => make("p", { class: "muted small" }, text))].filter(Boolean)
}

function fact(name, value) {
  return make("div", {}, make("dt", {}, name), make("dd", {}, value))
}

function oddOf({ odd }) {
  return odd ? { line: String(odd.line), text: odd.text } : {}
}

function valuesOf({ kind, low, high, values, distinct, odd }) {
  if (kind === "number" && low !== null) {
    const range = t("upload.values.range", { low: short(low, 5), high: short(high, 5) })
    return odd ? `${range} · ${t("upload.values.odd", oddOf({ odd }))}` : range
  }
  const shown = values.map(({ value }) => value).join(", ")
  return distinct > values.length ? t("upload.values.more", { shown, n: distinct - values.length }) : shown || "–"
}
