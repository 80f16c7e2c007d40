// What a data set looks like, as parts of the page: its parts and classes, samples, images, distributions.

import { make } from "../dom.js"
import { short } from "../numbers.js"
import { said as inWords } from "../said.js" // columns of a table that names none
import { count, t } from "../texts.js"
import { histogram } from "./bars.js"
import { svg } from "./marks.js"

const PARTS = ["train", "validation", "test"]
const FOLDED_WORDS = 40 // three lines of a wide page
const LEAST_FOLDED = 8 // fewer are shown at once

/** Return how many samples each part has, and of which classes they are, or how the number to predict is spread. */
export function parts({ samples, balance, classes_in_all: inAll, target, wrong }) {
  const all = PARTS.reduce((sum, part) => sum + samples[part], 0)
  const facts = make("dl", { class: "big-facts" }, ...PARTS.map((part) =>
    make("div", { class: `of-${part}` }, make("dt", {}, t(`look.${part}`)), make("dd", {}, count(samples[part])))))
  const bar = stacked(samples, all)
  if (!balance.length) return [facts, bar, ...(target ? [make("h3", {}, t("look.target")), pair(target, t("look.target"))] : [])]
  const most = Math.max(...balance.map((one) => PARTS.reduce((sum, part) => sum + one[part], 0)))
  const named = (key, kind) => make("th", { scope: "col", class: kind }, t(key))
  const head = make("tr", {}, named("look.class"), ...PARTS.map((part) => named(`look.${part}`, "number")), named("look.share"))
  const rows = balance.map((one) => make("tr", {},
    make("th", { scope: "row" }, one.name),
    ...PARTS.map((part) => make("td", { class: "number" }, count(one[part]))),
    make("td", { class: "stack-cell" }, stacked(one, most))))
  const more = inAll > balance.length ? make("p", { class: "muted small" }, t("upload.note.classes", { n: inAll - balance.length })) : null
  const table = make("div", { class: "scroll" }, make("table", { class: "shares" }, make("thead", {}, head), make("tbody", {}, ...rows)))
  return [facts, bar, table, more, wrong ? make("p", { class: "was" }, t("look.wrong", { n: wrong })) : null].filter(Boolean)
}

/** Return one distribution before and after scaling, side by side. */
export function pair(column, title) {
  const side = (when) => make("figure", {}, make("figcaption", { class: "small" }, t(`look.${when}`)), histogram(column[when], `${title}, ${t(`look.${when}`)}`))
  return make("div", { class: "before-after" }, side("before"), side("after"))
}

/** Return the distributions of columns: numbers before and after scaling, categories by their values. */
export function features(columns) {
  return columns.map((one) => {
    const name = inWords(one.name) || t(`look.${one.kind}`)
    const more = one.missing ? ` · ${t("look.missing", { n: one.missing })}` : ""
    const note = one.kind === "category" ? ` · ${t("look.category")}` : ""
    const body = { category: () => category(one), words: () => make("div", { class: "before-after" }, histogram(one.before, name)) }
    return make("section", { class: "feature" },
      make("h3", {}, name, make("span", { class: "muted small" }, `${note}${more}`)),
      (body[one.kind] ?? (() => pair(one, name)))())
  })
}

function category({ values, values_in_all: inAll }) {
  const most = Math.max(1, ...values.map((one) => PARTS.reduce((sum, part) => sum + one[part], 0)))
  const rows = values.map((one) => make("tr", {},
    make("th", { scope: "row" }, one.name),
    ...PARTS.map((part) => make("td", { class: "number" }, count(one[part]))),
    make("td", { class: "stack-cell" }, stacked(one, most))))
  return make("div", { class: "scroll" }, make("table", { class: "shares" }, make("tbody", {}, ...rows)),
    inAll > values.length ? make("p", { class: "muted small" }, t("look.values.more", { n: inAll - values.length })) : null)
}

/** Return the legend of the distributions. */
export function legend() {
  return make("ul", { class: "legend small" }, ...PARTS.map((part) => make("li", { class: `of-${part}` }, make("i", { "aria-hidden": "true" }), t(`look.${part}`))))
}

/** Return rows of each part as they came, and below each value what it is when it is trained on. */
export function rows({ rows, names, columns_in_all: all }, targetName) {
  const head = make("tr", {},
    make("th", { scope: "col" }, t("look.part")), make("th", { scope: "col" }, targetName),
    ...rows[0].values.map((_, at) => make("th", { scope: "col", class: "number" }, inWords(names[at]))))
  const body = rows.map((row) => make("tr", {},
    make("td", {}, t(`look.${row.part}`)),
    make("td", {}, said(row.target), wasOf(row)),
    ...row.values.map((value, at) => make("td", { class: "number", "data-missing": value === null },
      make("span", {}, value === null ? t("look.is_missing") : short(value, 5)), make("span", { class: "scaled" }, short(row.scaled[at]))))))
  const note = make("p", { class: "muted small" }, t("look.rows.help", { shown: count(rows.length), all: count(all) }))
  return [note, make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("look.samples") }, make("table", { class: "cells" }, make("thead", {}, head), make("tbody", {}, ...body)))]
}

/** Return images or signals with what they show and which part they went to. */
export function images(found) {
  return make("ul", { class: "pictures" }, ...found.map(({ target, part, was, ...one }) => make("li", { class: `of-${part}` },
    one.signal ? signal(one, said(target)) : make("img", { src: one.src, alt: t("look.image", { target: said(target) }) }),
    make("span", { class: "small" }, said(target)), wasOf({ was }),
    part === "train" ? null : make("span", { class: "small muted" }, t(`look.${part}`)))))
}

/** Return texts by their words with what they are and which part they went to, long ones folded; or by numbers, and why. */
export function texts(found, wordless) {
  const list = make("ul", { class: "texts" }, ...found.map(({ words, words_in_all: inAll, target, part, was }) => make("li", {},
    make("span", { class: "small" }, make("b", {}, said(target)), " ", wasOf({ was }), make("span", { class: "muted" }, ` ${t(`look.${part}`)}`)),
    words.some((word) => typeof word === "number") ? numbered(words, inAll) : folded(words, inAll))))
  if (!wordless) return found.some(({ words }) => words.includes(null)) ? [make("p", { class: "muted small" }, t("look.unknown_word.help")), list] : [list]
  const why = wordless.why ? `${t("look.wordless")} ${inWords(wordless.why)}` : wordless.size ? t("look.wordless.not_here", { size: wordless.size }) : t("look.wordless")
  return [make("p", { class: "notice small", "data-part": "wordless" }, why), list]
}

function numbered(words, inAll) {
  return make("span", { class: "mono" }, words.join(" "), inAll > words.length ? make("span", { class: "muted" }, ` … ${t("look.more_words", { n: inAll - words.length })}`) : null)
}

function folded(words, inAll) {
  const shown = words.length > FOLDED_WORDS + LEAST_FOLDED ? FOLDED_WORDS : words.length
  const cut = inAll > words.length ? make("span", { class: "muted" }, ` … ${t("look.more_words", { n: inAll - words.length })}`) : null
  const text = make("p", { class: "prose" }, ...spoken(words.slice(0, shown)))
  if (shown === words.length) return text
  const rest = make("span", { hidden: true }, " ", ...spoken(words.slice(shown)), cut)
  const dots = make("span", { class: "muted" }, " …")
  const button = make("button", { type: "button", class: "quiet small", "aria-expanded": "false" }, t("look.unfold", { n: inAll - shown }))
  button.addEventListener("click", () => {
    rest.hidden = !rest.hidden
    dots.hidden = !rest.hidden
    button.setAttribute("aria-expanded", String(!rest.hidden))
    button.textContent = rest.hidden ? t("look.unfold", { n: inAll - shown }) : t("look.fold")
  })
  text.append(rest, dots)
  return make("div", {}, text, button)
}

function spoken(words) {
  return words.flatMap((word, at) => [...(at ? [" "] : []), word === null ? make("span", { class: "unknown-word" }, t("look.unknown_word")) : word])
}

function signal({ signal: values, low, high }, target) {
  const step = 100 / Math.max(1, values.length - 1)
  const at = (value) => 58 - ((value - low) / (high - low || 1)) * 52
  const line = values.map((value, place) => `${place ? "L" : "M"}${(place * step).toFixed(1)} ${at(value ?? low).toFixed(1)}`).join("")
  return svg("svg", { class: "signal", viewBox: "0 0 100 64", role: "img", "aria-label": t("look.image", { target }) }, svg("path", { d: line }))
}

function stacked(counts, most) {
  const pieces = PARTS.map((part) => make("i", { class: `of-${part}`, style: `width: ${most ? (100 * counts[part]) / most : 0}%` }))
  return make("div", { class: "stacked", "aria-hidden": "true" }, ...pieces)
}


function wasOf({ was }) {
  return was === undefined ? null : make("span", { class: "small was" }, t("look.was", { target: said(was) }))
}

function said(target) {
  return typeof target === "number" ? short(target, 4) : target
}
