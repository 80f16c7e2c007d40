// The list of optimizers that set out: each a row with its own knobs, made from the page's templates.

import { DASHES } from "../charts/colours.js"
import { make, part } from "../dom.js"
import { short } from "../numbers.js"
import { textOf, valueOf } from "../spec_fields.js"
import { t } from "../texts.js"

const COLOURS = 8
const SHAPES = ["M6 0a6 6 0 1 0 .01 0z", "M1 1h10v10h-10z", "M6 0l6 11h-12z", "M6 -.5l6.5 6.5l-6.5 6.5l-6.5 -6.5z"]

/** @typedef {{name: string, params: Record<string, any>}} Racer params may hold texts: they are checked where they run */

export class Racers {
  #list
  #changed
  #made = 0

  /** @param {HTMLElement} list @param {() => void} changed */
  constructor(list, changed) {
    this.#list = list
    this.#changed = changed
    list.addEventListener("input", () => changed())
    list.addEventListener("change", ({ target }) => {
      if (target.matches("[data-part=kind]")) this.#turnInto(target.closest("li"), target.value)
      this.#sayMore()
      changed()
    })
    list.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-remove]")
      if (button) this.#remove(button.closest("li"))
    })
  }

  get rows() {
    return [...this.#list.children]
  }

  /** What is asked of the server. @returns {Racer[]} */
  get values() {
    return this.rows.map((row) => ({
      name: part(row, "kind").value,
      params: Object.fromEntries(this.#turned(row).map((control) => [fieldOf(control), valueOf(control)])),
    }))
  }

  /** Each row as a text for the URL: "sgd lr 0.1 momentum 0.9"; what is at its default is left out. */
  get texts() {
    return this.rows.map((row) => [part(row, "kind").value, ...this.#turned(row).flatMap((control) => [fieldOf(control), textOf(control).replaceAll(" ", "")])].join(" "))
  }

  /** Each row in words: "SGD, lr 0.1, momentum 0.9". The learning rate is always said. */
  get labels() {
    return this.rows.map((row) => {
      const said = controlsOf(row).filter((control) => fieldOf(control) === "lr" || textOf(control) !== control.dataset.default)
      return [part(row, "kind").selectedOptions[0].textContent, ...said.map((control) => sayControl(control))].join(", ")
    })
  }

  /** Let these set out instead of those that are there. @param {Racer[]} racers */
  set(racers) {
    this.#list.replaceChildren()
    for (const racer of racers) this.#append(racer)
    this.#renumber()
  }

  /** Let one more set out. @param {Racer} racer */
  add(racer) {
    this.#append(racer)
    this.#renumber()
  }

  /** Return the control of a problem's path: "2.lr" is the third row's learning rate. */
  controlOf(path) {
    const [index, field] = path.split(".")
    const row = this.rows[Number(index)]
    if (!row) return null
    const found = controlsOf(row).find((control) => fieldOf(control) === field)
    found?.closest("details")?.setAttribute("open", "")
    return found ?? part(row, "kind")
  }

  #append({ name, params }) {
    const row = part(document, "racer").content.firstElementChild.cloneNode(true)
    this.#list.append(row)
    this.#turnInto(row, name, params)
  }

  #turnInto(row, name, params = {}) {
    const kind = part(row, "kind")
    if (![...kind.options].some((one) => one.value === name)) kind.append(make("option", {}, name))
    kind.value = name
    const template = document.querySelector(`template[data-optimizer="${CSS.escape(name)}"]`)
    const fields = part(row, "fields")
    fields.replaceChildren(...(template ? [unique(document.importNode(template.content, true), `racer-${(this.#made += 1)}`)] : []))
    for (const control of controlsOf(row)) {
      const value = params[fieldOf(control)]
      if (value === undefined) continue
      if (control.type === "checkbox") control.checked = value === true || value === "on"
      else control.value = String(value)
      control.closest("number-slider")?.follow?.()
    }
    this.#sayMore()
  }

  #remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling
    row.remove()
    this.#renumber()
    next?.querySelector("[data-remove]").focus()
    this.#changed()
  }

  /** Say under the fold what is not at its default. */
  #sayMore() {
    for (const row of this.rows) {
      const summary = row.querySelector("summary")
      if (!summary) continue
      const said = this.#turned(row).filter((control) => control.closest("details")).map(sayControl)
      summary.textContent = said.length ? t("paths.more_of", { what: said.join(", ") }) : t("paths.more")
    }
  }

  #renumber() {
    this.rows.forEach((row, index) => {
      part(row, "sign").replaceChildren(sign(index))
      row.querySelector("[data-remove]").disabled = this.rows.length === 1
      part(row, "kind").setAttribute("aria-label", t("paths.racer", { n: index + 1 }))
    })
    this.#sayMore()
  }

  #turned(row) {
    return controlsOf(row).filter((control) => textOf(control) !== control.dataset.default)
  }
}

/** Return the sign of a path: its colour, its dash and its mark. */
export function sign(index) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", "0 0 44 16")
  svg.setAttribute("class", "path-sign")
  svg.setAttribute("aria-hidden", "true")
  const colour = `var(--series-${(index % COLOURS) + 1})`
  const draw = (d, style, attributes = {}) => {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
    path.setAttribute("d", d)
    for (const [name, value] of Object.entries(attributes)) path.setAttribute(name, value)
    Object.assign(path.style, style)
    svg.append(path)
  }
  draw("M1 8h42", { stroke: colour, strokeWidth: "2.4", fill: "none" }, { "stroke-dasharray": DASHES[index % DASHES.length].join(" ") })
  draw(SHAPES[index % SHAPES.length], { fill: colour, stroke: "var(--surface)", strokeWidth: "1.5" }, { transform: "translate(16 2)" })
  return svg
}

function controlsOf(row) {
  return [...row.querySelectorAll("[data-field] [data-kind]")]
}

function fieldOf(control) {
  return control.closest("[data-field]").dataset.field
}

function sayControl(control) {
  const field = fieldOf(control)
  if (control.dataset.kind === "switch") return control.checked ? field : `${field} off`
  const value = valueOf(control)
  return `${field} ${typeof value === "number" ? short(value, 6) : value}`
}

/** Make the ids of a template's copy its own. */
function unique(copy, prefix) {
  for (const one of copy.querySelectorAll("[id]")) one.id = `${prefix}-${one.id}`
  for (const name of ["for", "aria-describedby"]) {
    for (const one of copy.querySelectorAll(`[${name}]`)) one.setAttribute(name, `${prefix}-${one.getAttribute(name)}`)
  }
  return copy
}
