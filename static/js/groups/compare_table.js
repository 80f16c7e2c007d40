// <compare-table> has a row for each run, what differs between them first: sorted by a click on a column, the best value of
// each metric marked. <outcome-table> has what the runs of each variant come to together.

import { ask } from "../api.js"
import { complain } from "../complain.js"
import { make, part, say } from "../dom.js"
import { duration, short } from "../numbers.js"
import { has, t } from "../texts.js"
import { looksOf } from "./variant_looks.js"
import { DASHES } from "../charts/colours.js"
import { swatch } from "../charts/frame.js"
import { nameOf, spreadText, valueText } from "./metrics.js"

export class CompareTableElement extends HTMLElement {
  #table = null
  #sort = { by: "place", down: false }
  #titles = {} // words for paths, and for the components that stand there

  connectedCallback() {
    this.#titles = JSON.parse(this.dataset.titles ?? "{}")
    this.addEventListener("click", ({ target }) => {
      const by = target.closest("[data-by]")?.dataset.by
      if (!by) return
      this.#sort = { by, down: this.#sort.by === by ? !this.#sort.down : this.#startsDown(by) }
      this.#fill()
      this.querySelector(`[data-by="${CSS.escape(by)}"]`).focus()
    })
  }

  /** Show a table as GET /api/groups/{id}/table gives it. */
  show(table) {
    this.#table = table
    part(this, "wait")?.remove()
    this.#fill()
  }

  get #columns() {
    const { columns, metrics, rows } = this.#table
    const differing = columns.map(({ path, name }) => ({
      by: path, head: this.#titles[path] ?? (has(`part.${path}`) ? t(`part.${path}`) : name), value: (row) => row.values[path],
      shown: (value) => this.#titles[`${path}=${value}`] ?? setting(value), differs: true,
    }))
    const final = metrics.map(({ name, smaller_is_better: small }) => ({
      by: name, head: nameOf(name), value: (row) => row.metrics[name], shown: (value) => valueText(name, value), best: small ? "low" : "high",
    }))
    const judged = metrics.filter(({ name }) => name.startsWith("validation."))
    const best = judged.map(({ name, smaller_is_better: small }) => ({
      by: `best ${name}`, head: t("groups.column.best", { metric: nameOf(name) }), value: (row) => row.best[name]?.value, best: small ? "low" : "high",
      shown: (value, row) => (value === undefined ? "\u2013" : `${valueText(name, value)} ${t("groups.at_step", { step: row.best[name].step })}`),
    }))
    return [
      ...differing,
      { by: "status", head: t("groups.column.status"), value: ({ status }) => status, shown: (status) => t(`status.${status}`) },
      { by: "epoch", head: t("groups.column.epoch"), value: ({ epoch }) => epoch, shown: String },
      { by: "epoch_seconds", ...perEpoch(), value: ({ epoch_seconds: each }) => each ?? undefined, shown: (each) => short(each) },
      ...final,
      ...best,
      { by: "seconds", head: t("groups.column.time"), value: ({ seconds }) => seconds, shown: lasted },
      ...(rows.some(({ changed }) => changed) ? [{ by: "changed", head: t("groups.column.changed"), value: ({ changed }) => changed, shown: (n) => (n ? t("groups.changed", { n }) : "") }] : []),
    ]
  }

  #startsDown(by) {
    return this.#columns.find((one) => one.by === by)?.best === "high"
  }

  #fill() {
    const { rows } = this.#table
    const columns = this.#columns
    const places = new Map(rows.map((row, at) => [row.run, at + 1]))
    const first = { by: "place", head: t("groups.column.run"), value: (row) => places.get(row.run) }
    const { by, down } = this.#sort
    const key = [first, ...columns].find((one) => one.by === by) ?? first
    const sorted = [...rows].sort((a, b) => compare(key.value(a), key.value(b), down))
    const bests = new Map(columns.filter(({ best }) => best).map((one) => [one.by, bestOf(rows.map(one.value), one.best)]))
    const head = [first, ...columns].map((one) => this.#head(one))
    const looks = looksOf(this.#table.variants)
    const lines = sorted.map((row) => make("tr", { "data-run": row.run }, rowHead(row, places.get(row.run), looks), ...columns.map((one) => cell(one, row, bests.get(one.by)))))
    part(this, "table").replaceChildren(make("table", { class: "compare" },
      make("caption", { class: "visually-hidden" }, t("groups.table")),
      make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...lines)))
    say(part(this, "same"), this.#table.columns.length || rows.length < 2 ? "" : t("groups.no_difference"))
  }

  #head({ by, head, help, differs }) {
    const { by: sorted, down } = this.#sort
    const way = sorted === by ? (down ? "descending" : "ascending") : "none"
    return make("th", { scope: "col", "aria-sort": way, class: differs ? "differs" : help ? "wraps" : false }, make("button", { type: "button", class: "quiet", "data-by": by, title: help ?? false }, head))
  }
}

export class OutcomeTableElement extends HTMLElement {
  #table = null
  #ensembles = new Map() // of which runs -> the lines that say what they come to together

  connectedCallback() {
    this.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-ensemble]")
      if (button) this.#workOut(button)
    })
  }

  /** Show a table as GET /api/groups/{id}/table gives it. */
  show(table) {
    this.#table = table
    const { variants, metrics } = table
    const names = metrics.map(({ name }) => name).filter((name) => !name.startsWith("train.") || metrics.length < 4)
    this.closest("section").hidden = !variants.some(({ runs, ended }) => runs.length > 1 && ended)
    const small = new Map(metrics.map((one) => [one.name, one.smaller_is_better]))
    const bests = new Map(names.map((name) => [name, bestOf(variants.map(({ metrics: each }) => each[name].mean ?? undefined), small.get(name) ? "low" : "high")]))
    const [variant, ended, ...measured] = [t("groups.column.variant"), t("groups.column.ended"), ...names.map(nameOf)].map((text) => make("th", { scope: "col" }, text))
    const head = [variant, ended, make("th", { scope: "col", class: "wraps", title: perEpoch().help }, make("span", {}, perEpoch().head)), ...measured]
    const looks = looksOf(variants)
    const lines = variants.map((one, at) => make("tr", {},
      make("th", { scope: "row" }, ...named(looks[at], one.label || t("groups.variant.only"))),
      make("td", {}, `${one.ended}/${one.runs.length} ${one.varies.map((what) => t(`groups.varies.${what}`)).join(" \u00d7 ")}`),
      make("td", {}, spreadText("seconds", one.epoch_seconds.mean, one.epoch_seconds.std)),
      ...names.map((name) => {
        const { mean, std, min, max } = one.metrics[name]
        const isBest = mean !== null && variants.length > 1 && mean === bests.get(name)
        const range = mean === null || one.ended < 2 ? false : t("charts.between", { low: valueText(name, min), high: valueText(name, max) })
        return make("td", { class: isBest ? "best" : false, title: range }, spreadText(name, mean, std), isBest ? marked() : null)
      }),
      this.dataset.group ? make("td", {}, this.#together(one, at)) : null))
    if (this.dataset.group) head.push(make("th", { scope: "col" }, t("groups.column.ensemble")))
    part(this, "table").replaceChildren(make("table", { class: "compare" },
      make("caption", { class: "visually-hidden" }, t("groups.outcome")),
      make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...lines)))
  }

  /** What the finished runs of a variant come to together; a button that asks for it while that is not known. */
  #together({ runs, finished }, at) {
    if (finished < 2) return "\u2013"
    const known = this.#ensembles.get(`${finished} of ${runs.join()}`)
    if (known) return make("div", { class: "ensemble" }, ...known)
    return make("button", { type: "button", class: "quiet", "data-ensemble": at, "data-key": `${finished} of ${runs.join()}` }, t("groups.ensemble", { n: finished }))
  }

  async #workOut({ dataset: { ensemble, key } }) {
    this.#ensembles.set(key, [make("p", { role: "status" }, t("groups.ensemble.wait"))])
    this.show(this.#table)
    try {
      const { runs, parts } = await ask("GET", `/api/groups/${this.dataset.group}/ensembles/${ensemble}`)
      this.#ensembles.set(key, Object.entries(parts).map(([name, one]) => ensembleLine(name, one, runs.length)))
    } catch (error) {
      this.#ensembles.delete(key)
      complain(error)
    }
    this.show(this.#table)
  }
}

function ensembleLine(part, { alone, together }, n) {
  const metric = Object.keys(together).find((name) => name !== "loss") ?? "loss"
  const name = `${part}.${metric}`
  const { mean, std } = alone[metric]
  return make("p", {}, `${nameOf(name)}: `, t("groups.ensemble.told", { n, one: spreadText(name, mean, std), all: valueText(name, together[metric]) }))
}

function rowHead({ run, name, label, variant }, place, looks) {
  return make("th", { scope: "row" }, ...named(looks[variant], null), make("a", { href: `/runs/${run}`, title: name || label }, t("groups.run", { n: place })))
}

function named({ colour, dash }, label) {
  return [swatch(colour, DASHES[dash]), label === null ? null : make("span", {}, label)]
}

function cell({ value, shown, best, differs }, row, bestValue) {
  const found = value(row)
  const isBest = best && found !== undefined && found === bestValue
  return make("td", { class: isBest ? "best" : differs ? "differs" : false }, found === undefined ? "\u2013" : shown(found, row), isBest ? marked() : null)
}

function marked() {
  return make("span", { class: "best-mark" }, make("span", { "aria-hidden": "true" }, " \u25b2"), make("span", { class: "visually-hidden" }, ` ${t("groups.best")}`))
}

function bestOf(values, way) {
  const finite = values.filter((one) => typeof one === "number" && Number.isFinite(one))
  if (finite.length < 2 || new Set(finite).size < 2) return undefined
  return way === "low" ? Math.min(...finite) : Math.max(...finite)
}

function compare(a, b, down) {
  if (a === undefined || b === undefined) return (a === undefined) - (b === undefined) // what is missing comes last
  const way = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true })
  return down ? -way : way
}

function perEpoch() {
  return { head: t("groups.column.epoch_seconds"), help: t("groups.column.epoch_seconds.help") }
}

/** Return a value of a spec as a table shows it. */
function setting(value) {
  if (value === true || value === false) return t(value ? "groups.on" : "groups.off")
  if (typeof value === "number") return short(value, 4)
  if (Array.isArray(value)) return value.map(setting).join(", ")
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value)
}

function lasted(seconds) {
  const { unit, n } = duration(seconds)
  return t(`groups.lasted.${unit}`, { n: unit === "seconds" && seconds < 10 ? seconds.toFixed(1) : n })
}

customElements.define("compare-table", CompareTableElement)
customElements.define("outcome-table", OutcomeTableElement)
