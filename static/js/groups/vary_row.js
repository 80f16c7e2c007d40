// One row of <launch-several>: a field of the form that varies, and its values: typed, made from a range, or ticked.

import { make, part } from "../dom.js"
import { textOf, valueOf } from "../spec_fields.js"
import { t } from "../texts.js"
import { listed, range, readValues } from "./values.js"

export class VaryRow {
  #form
  #given = "" // of a field that is not there: kept until it is

  /** @param {{controls: () => HTMLElement[]}} form gives the fields that may vary */
  constructor(row, form, id) {
    this.row = row
    this.#form = form
    this.select = row.querySelector("[data-field]")
    this.values = row.querySelector("[data-values]")
    this.select.id = `${id}-field`
    this.values.id = `${id}-values`
    part(row, "typed-help").id = `${id}-help`
    this.values.setAttribute("aria-describedby", `${id}-help`)
    this.select.addEventListener("change", () => this.#turn(""))
    row.querySelector("[data-fill]").addEventListener("click", () => this.#fill())
  }

  /** The name of the field: a dotted path. */
  get field() {
    return this.select.value
  }

  get control() {
    return this.#form.controls().find(({ name }) => name === this.field)
  }

  /** Offer the fields that the form has now, and take one of them with these values. */
  offer(groups, field = this.field, text = this.text) {
    const known = groups.some(({ fields }) => fields.some(({ name }) => name === field))
    this.select.replaceChildren(
      make("option", { value: "" }, t("several.choose")),
      known || !field ? "" : make("option", { value: field }, field),
      ...groups.map(({ title, fields }) => make("optgroup", { label: title }, ...fields.map(({ name, label }) => make("option", { value: name }, label)))),
    )
    this.select.value = field
    this.#turn(text)
  }

  /** The values as they stand in the URL. */
  get text() {
    if (this.#ticks.length) return this.#ticks.filter(({ checked }) => checked).map(({ value }) => value).join(",")
    return this.control ? this.values.value.trim() : this.#given
  }

  /** What varies, as the server takes it: a path and its values. */
  get asked() {
    const { control } = this
    if (!this.field || !control) return null
    const values = this.#ticks.length
      ? this.#ticks.filter(({ checked }) => checked).map(({ value }) => this.#ticked(control, value))
      : readValues(this.values.value, kindOf(control))
    return { path: this.field, values }
  }

  /** Say what is wrong with this row, and return the control that it is about; an empty text takes it away. */
  complain(text) {
    const line = this.row.querySelector(":scope > .problem")
    const control = this.#ticks.length || !this.control ? this.select : this.values
    line.textContent = text
    line.hidden = !text
    this.values.removeAttribute("aria-invalid")
    if (text) control.setAttribute("aria-invalid", "true")
    return control
  }

  get #ticks() {
    return [...part(this.row, "ticks").querySelectorAll("input")]
  }

  #turn(text) {
    const { control } = this
    const options = control ? optionsOf(control) : []
    const kind = control ? kindOf(control) : "text"
    this.#given = text
    part(this.row, "ticks").hidden = options.length === 0
    part(this.row, "typed").hidden = options.length > 0 || !control
    part(this.row, "generate").hidden = kind !== "number" || !control
    const chosen = new Set(text.split(","))
    const ticked = (value) => (text ? chosen.has(value) : value === textOf(control))
    part(this.row, "ticks").replaceChildren(...options.map(({ value, label }) =>
      make("label", { class: "check" }, make("input", { type: "checkbox", value, checked: ticked(value) }), label)))
    part(this.row, "ticks").setAttribute("aria-label", t("several.values"))
    if (!control || options.length) return
    this.values.value = text || control.value
    part(this.row, "typed-help").textContent = t(`several.values.${kind}`)
    this.#offerRange(control)
  }

  #offerRange(control) {
    const { low, high, scale } = control.closest("number-slider")?.dataset ?? {}
    const put = (name, value) => {
      const box = this.row.querySelector(`[data-${name}]`)
      if (!box.value && value !== undefined) box.value = String(Number(value))
    }
    put("from", low)
    put("to", high)
    this.row.querySelector("[data-scale]").value = scale ?? "linear"
  }

  #fill() {
    const read = (name) => Number(this.row.querySelector(`[data-${name}]`).value)
    const whole = "whole" in (this.control?.closest("number-slider")?.dataset ?? {})
    const values = range(read("from"), read("to"), read("count"), { scale: this.row.querySelector("[data-scale]").value, whole })
    this.complain(values ? "" : t("several.no_range"))
    if (!values) return
    this.values.value = listed(values, "number")
    this.values.dispatchEvent(new Event("input", { bubbles: true }))
  }

  /** What a tick stands for: on or off, an option, or a component with what was typed for it while it was chosen. */
  #ticked(control, value) {
    const { kind } = control.dataset
    if (kind === "toggle" || kind === "switch") return value === "on"
    if (kind !== "choice" || value === control.value) return value
    const typed = [...control.closest("[data-path]").parentElement.querySelectorAll(`fieldset[data-variant="${CSS.escape(value)}"] [name]`)]
    const changed = typed.filter((one) => textOf(one) !== one.dataset.default)
    return changed.length ? { name: value, params: Object.fromEntries(changed.map((one) => [one.name.split(".").at(-1), valueOf(one)])) } : value
  }
}

/** Return what can be ticked for a control: none where values are typed. */
function optionsOf(control) {
  const { kind } = control.dataset
  if (kind === "toggle" || kind === "switch") return ["on", "off"].map((value) => ({ value, label: t(`groups.${value}`) }))
  return control.matches("select") ? [...control.options].map(({ value, text }) => ({ value, label: text })) : []
}

/** Return how the values of a control are typed. */
function kindOf({ dataset: { kind } }) {
  return kind === "number" || kind === "list" ? kind : "text"
}
