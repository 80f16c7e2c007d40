// <launch-several> makes several runs of the form it stands in: which of its fields vary, over what, and with how many seeds
// and folds each is repeated. Fields are found in the form; none is known here by name but seed and fold.

import { make, part, say } from "../dom.js"
import { fieldOf } from "../spec_fields.js"
import { t } from "../texts.js"
import { areInARow, listed } from "./values.js"
import { VaryRow } from "./vary_row.js"

const LABELS_SHOWN = 8
const LISTED = new Set(["choice", "toggle", "switch", "number", "list", "text"]) // what can be ticked, or typed in a list
const NEVER = /^(name$|start\.|seed$|dataset\.folds?$)/

export class LaunchSeveralElement extends HTMLElement {
  #rows = []
  #made = 0

  connectedCallback() {
    this.form = this.closest("form")
    this.switch = this.querySelector("[data-several]")
    this.seeds = this.querySelector("[data-seeds]")
    this.folds = this.querySelector("[data-folds]")
    this.combine = this.querySelector("[data-combine]")
    this.baseline = this.querySelector("[data-baseline]")
    this.switch.addEventListener("change", () => this.#show())
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-add]")) this.#add("", "").select.focus()
      const row = target.closest("[data-remove]")?.closest("[data-vary]")
      if (row) this.#remove(row)
    })
    this.form.addEventListener("change", ({ target }) => this.contains(target) || this.#offer())
    this.combine.addEventListener("change", () => this.#show())
    // the fields of a variant are enabled by its own element, which may stand after this one
    queueMicrotask(() => this.#begin())
  }

  /** Whether several runs are to be launched. */
  get active() {
    return this.switch.checked
  }

  /** Return what POST /api/groups takes for a form that says `spec`. */
  body(spec) {
    const vary = this.#rows.map((row) => row.asked).filter((one) => one?.values.length)
    const first = Number(spec.seed) || 0
    const seeds = Number(this.seeds.value)
    const folds = part(this, "folds").hidden ? 0 : Number(this.folds.value)
    if (seeds > 1) vary.push({ path: "seed", values: ahead(first, seeds) })
    if (folds > 1) {
      spec = { ...spec, dataset: { ...spec.dataset, params: { ...spec.dataset.params, folds } } }
      vary.push({ path: "dataset.params.fold", values: ahead(Number(this.#control("dataset.fold")?.closest("number-slider")?.dataset.low ?? 1), folds) })
    }
    return { name: spec.name ?? "", spec, vary, combine: this.combine.value, baseline: this.baseline.checked && this.combine.value === "each" }
  }

  /** Put what varies into the query of the page's URL. */
  write(query) {
    if (!this.active) return
    query.set("several.seeds", this.seeds.value.trim())
    if (!part(this, "folds").hidden && this.folds.value.trim()) query.set("several.folds", this.folds.value.trim())
    for (const row of this.#rows) if (row.field) query.set(`vary.${row.field}`, row.text)
    if (this.combine.value !== "grid") query.set("several.combine", this.combine.value)
    if (this.baseline.checked) query.set("several.baseline", "on")
  }

  /** Say how many runs and steps that makes, in the words of the plan of a group; null while that is not known. */
  show(plan) {
    const view = document.querySelector("[data-part=several-sum]")
    view.hidden = !plan
    if (!plan) return
    const labels = [...new Set(plan.members.map(({ said }) => said).filter(Boolean))]
    const more = labels.length - LABELS_SHOWN
    view.replaceChildren(
      make("p", {}, make("b", {}, t("several.sum", { n: plan.runs })), " ", t("several.steps", { n: plan.steps })),
      labels.length > 1 ? make("p", { class: "muted small" }, labels.slice(0, LABELS_SHOWN).join(" \u00b7 "), more > 0 ? ` ${t("several.more", { n: more })}` : "") : "",
    )
  }

  /** Put a problem of the server where it was caused, and return the control there; null when that is not here. */
  complain({ path, message, members = [] }) {
    const told = members.length && members[0].label ? t("several.problem", { label: members[0].label, message }) : message
    const [first, place] = path.split(".")
    const row = first === "vary" && place ? this.#rows.filter((one) => one.asked?.values.length)[Number(place)] : this.#rows.find((one) => one.field && within(fieldOf(path), one.field))
    if (row) return row.complain(told)
    const own = { vary: [part(this, "problem"), this.switch], seed: [this.#line("seeds"), this.seeds], "dataset.fold": [this.#line("folds"), this.folds] }
    const [line, control] = own[first === "vary" ? first : fieldOf(path)] ?? []
    if (!line) return null
    say(line, told)
    line.hidden = false
    control.setAttribute("aria-invalid", "true")
    return control
  }

  #line(name) {
    return this.querySelector(`[data-path="several.${name}"] .problem`)
  }

  /** Take all problems away. */
  forgive() {
    for (const row of this.#rows) row.complain("")
    for (const line of [part(this, "problem"), this.#line("seeds"), this.#line("folds")]) line.hidden = true
  }

  #begin() {
    const query = new URLSearchParams(location.search)
    const { asked } = this.dataset
    if (asked && ![...query.keys()].some((key) => /^(several|vary)\./.test(key))) this.#fillFrom(JSON.parse(asked), query)
    const varied = [...query].filter(([key]) => key.startsWith("vary."))
    this.switch.checked = varied.length > 0 || query.has("several.seeds")
    if (query.has("several.seeds")) this.seeds.value = query.get("several.seeds")
    this.folds.value = query.get("several.folds") ?? ""
    this.combine.value = query.get("several.combine") === "each" ? "each" : "grid"
    this.baseline.checked = query.get("several.baseline") === "on"
    for (const [key, text] of varied) this.#add(key.slice("vary.".length), text)
    this.#offer()
    this.#show()
    if (this.active) this.#changed()
  }

  /** What a group was asked for, as a query. */
  #fillFrom({ vary, combine, baseline }, query) {
    query.set("several.seeds", "1")
    for (const { path, values } of vary) {
      const field = fieldOf(path)
      if (path === "seed" && areInARow(values)) query.set("several.seeds", values.length)
      else if (field === "dataset.fold") query.set("several.folds", values.length)
      else query.set(`vary.${field}`, this.#textOf(field, values))
    }
    query.set("several.combine", combine)
    if (baseline) query.set("several.baseline", "on")
  }

  #textOf(field, values) {
    const kind = this.#control(field)?.dataset.kind
    if (kind === "choice") return values.map((one) => one.name ?? one).join(",")
    if (kind === "toggle" || kind === "switch") return values.map((one) => (one === false ? "off" : "on")).join(",")
    return listed(values, kind)
  }

  #add(field, text) {
    const row = part(this, "row").content.firstElementChild.cloneNode(true)
    part(this, "rows").append(row)
    const made = new VaryRow(row, { controls: () => this.#controls() }, `vary-${(this.#made += 1)}`)
    this.#rows.push(made)
    made.offer(this.#fields(), field, text)
    this.#show()
    return made
  }

  #remove(row) {
    this.#rows = this.#rows.filter((one) => one.row !== row)
    row.remove()
    this.querySelector("[data-add]").focus()
    this.#show()
    this.#changed()
  }

  #show() {
    part(this, "inside").hidden = !this.active
    part(this, "combine").hidden = this.#rows.length < 2
    part(this, "baseline").hidden = this.#rows.length < 2 || this.combine.value !== "each"
  }

  /** Other components have other fields: offer those that there are now. */
  #offer() {
    part(this, "folds").hidden = !this.#control("dataset.folds")
    const fields = this.#fields()
    for (const row of this.#rows) row.offer(fields)
  }

  #controls() {
    return [...this.form.elements].filter((one) => one.name && one.dataset.kind && !one.matches(":disabled"))
  }

  #control(name) {
    return this.#controls().find((one) => one.name === name)
  }

  /** The fields of the form under their headings, each with the words beside it. */
  #fields() {
    const groups = new Map()
    for (const control of this.#controls()) {
      if (NEVER.test(control.name) || control.type === "hidden" || !LISTED.has(control.dataset.kind)) continue
      const title = control.closest("section")?.querySelector("h2")?.textContent ?? ""
      const own = this.form.querySelector(`label[for="${CSS.escape(control.id)}"]`)
      const owner = control.closest("fieldset[aria-label]")?.getAttribute("aria-label")
      const label = [owner, wordsOf(own) || control.name].filter(Boolean).join(": ")
      if (!groups.has(title)) groups.set(title, [])
      groups.get(title).push({ name: control.name, label })
    }
    return [...groups].map(([title, fields]) => ({ title, fields }))
  }

  #changed() {
    this.form.dispatchEvent(new Event("input", { bubbles: true }))
  }
}

function ahead(first, count) {
  return Array.from({ length: Math.min(count, 1000) }, (_, at) => first + at)
}

function within(path, field) {
  return path === field || path.startsWith(`${field}.`)
}

function wordsOf(label) {
  return [...(label?.childNodes ?? [])].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ textContent }) => textContent.trim()).join(" ").trim()
}

customElements.define("launch-several", LaunchSeveralElement)
