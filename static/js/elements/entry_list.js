// <entry-list> edits a list of typed entries: rows are added, moved, removed, and turned into another kind.
// Fields are named by their row's place, so the form reads them like any other. What the plan says of a row stands in it.

import { make, part, say, toast } from "../dom.js"
import { count, t } from "../texts.js"

const WAYS = { ArrowUp: -1, ArrowDown: 1 }

export class EntryListElement extends HTMLElement {
  #kept = new WeakMap() // row -> {kind: fields}: what was typed before it was turned into another kind
  #dragged = null

  connectedCallback() {
    this.list = part(this, "rows")
    this.nothing = this.querySelector(":scope > input[data-kind=nothing]")
    this.addEventListener("click", ({ target }) => this.#press(target.closest("button")))
    this.addEventListener("change", ({ target }) => {
      if (target.matches("select.kind")) this.#turn(target.closest("li"), target.value)
    })
    this.list.addEventListener("keydown", (event) => {
      if (!event.altKey || !WAYS[event.key]) return
      event.preventDefault()
      this.#move(event.target.closest("li"), WAYS[event.key])
    })
    this.#letDrag()
    this.closest("spec-form")?.addEventListener("plan", ({ detail }) => this.#show(detail))
    this.#number()
  }

  get rows() {
    return [...this.list.children]
  }

  #press(button) {
    if (!button) return
    const row = button.closest("li")
    const { add, example, move, remove } = button.dataset
    if (add !== undefined) this.#add(add)
    if (example !== undefined) this.#replace(JSON.parse(example), button.textContent)
    if (move !== undefined) this.#move(row, Number(move))
    if (remove !== undefined) this.#remove(row)
  }

  #add(kind) {
    const row = this.#made(kind)
    this.list.append(row)
    this.#changed(t("entries.added", { what: this.#called(row) }))
    firstOf(row).focus()
  }

  #remove(row) {
    const [what, next, focused] = [this.#called(row), row.nextElementSibling, row.nextElementSibling ?? row.previousElementSibling]
    row.remove()
    this.#changed()
    ;(focused?.querySelector("[data-remove]") ?? this.querySelector("[data-add]")).focus()
    const back = () => {
      this.list.insertBefore(row, next?.parentElement === this.list ? next : null)
      this.#changed()
      firstOf(row).focus()
    }
    toast(t("entries.removed", { what }), { action: { label: t("undo"), run: back } })
  }

  #replace(entries, title) {
    const before = this.rows
    const made = entries.map((texts) => fill(this.#made(Object.keys(texts)[0]), texts))
    this.list.replaceChildren(...made)
    this.#changed()
    const back = () => {
      this.list.replaceChildren(...before)
      this.#changed()
    }
    toast(t("entries.replaced", { title }), { action: { label: t("undo"), run: back } })
  }

  #move(row, way) {
    const other = way < 0 ? row.previousElementSibling : row.nextElementSibling
    if (!other) return
    // the other one moves: an element that is moved loses the focus
    if (way < 0) row.after(other)
    else row.before(other)
    this.#changed(t("entries.moved", { what: this.#title(row), place: this.rows.indexOf(row) + 1, all: this.rows.length }))
  }

  #turn(row, kind) {
    const fields = row.querySelector(".entry-fields")
    const kept = this.#kept.get(row) ?? {}
    this.#kept.set(row, { ...kept, [row.dataset.entry]: fields })
    const next = kept[kind] ?? carry(fields, this.#made(kind).querySelector(".entry-fields"))
    fields.replaceWith(next)
    row.dataset.entry = kind
    this.#number()
  }

  #made(kind) {
    return this.querySelector(`template[data-entry="${kind}"]`).content.firstElementChild.cloneNode(true)
  }

  #title(row) {
    return row.querySelector("select.kind").selectedOptions[0].textContent
  }

  #called(row) {
    return t("entries.called", { place: this.rows.indexOf(row) + 1, title: this.#title(row) })
  }

  #changed(told = "") {
    this.#number()
    say(part(this, "said"), told)
    this.dispatchEvent(new Event("change", { bubbles: true }))
  }

  /** Name every row and field by the place at which it stands now. */
  #number() {
    const { path } = this.dataset
    this.rows.forEach((row, place) => {
      const what = this.#called(row)
      row.dataset.path = `${path}.${place}`
      row.querySelector(".kind").ariaLabel = t("entries.kind.of", { place: place + 1 })
      const fields = row.querySelector(".entry-fields")
      fields.role = "group"
      fields.ariaLabel = what
      for (const control of fields.querySelectorAll("[data-kind]")) rename(control, `${path}.${place}`, row.dataset.entry)
      for (const [find, key] of [["[data-move='-1']", "entries.up"], ["[data-move='1']", "entries.down"], ["[data-remove]", "entries.remove"]]) {
        row.querySelector(find).ariaLabel = t(`${key}.what`, { what })
      }
      row.querySelector("[data-move='-1']").ariaDisabled = String(place === 0)
      row.querySelector("[data-move='1']").ariaDisabled = String(place === this.rows.length - 1)
    })
    this.nothing.disabled = this.rows.length > 0
  }

  /** Show at each row what the plan says of it; null dims what was said. */
  #show(plan) {
    this.toggleAttribute("data-stale", !plan)
    const of = (place) => plan.layers.filter((step) => step.place === place)
    if (!plan || this.closest(":disabled")) return
    this.rows.forEach((row, place) => part(row, "told").replaceChildren(...told(of(place))))
    part(this, "from").replaceChildren(...told([{ shape: plan.input_shape }]))
    part(this, "to").replaceChildren(...told([{ ...plan.layers.at(-1), name: "" }]))
  }

  #letDrag() {
    this.list.addEventListener("pointerdown", ({ target }) => {
      const row = target.closest("[data-grip]")?.closest("li")
      if (row) row.draggable = true
    })
    this.list.addEventListener("dragstart", (event) => {
      this.#dragged = event.target.closest?.("li")
      event.dataTransfer.effectAllowed = "move"
      this.#dragged?.toggleAttribute("data-dragged", true)
    })
    this.list.addEventListener("dragover", (event) => {
      const over = event.target.closest("li")
      if (!this.#dragged) return
      event.preventDefault()
      if (!over || over === this.#dragged) return
      const { top, height } = over.getBoundingClientRect()
      this.list.insertBefore(this.#dragged, event.clientY < top + height / 2 ? over : over.nextElementSibling)
    })
    this.list.addEventListener("dragend", () => {
      this.#dragged?.removeAttribute("data-dragged")
      if (this.#dragged) this.#dragged.draggable = false
      this.#dragged = null
      this.#changed()
    })
  }
}

/** Return what the plan says of one row: the shape that it gives, how it follows, and its parameters. */
function told(steps) {
  if (!steps.length) return []
  const parameters = steps.reduce((sum, step) => sum + (step.parameters ?? 0), 0)
  const formulas = [...new Set(steps.map(({ formula }) => formula).filter(Boolean))]
  const counts = steps.map((step) => step.count).filter(Boolean)
  const name = nameOf(steps)
  return [
    name ? make("span", {}, name) : "",
    make("b", {}, (steps.at(-1).shape ?? []).join(" × ")),
    ...formulas.map((formula) => make("span", { class: "formula" }, formula)),
    parameters ? make("span", { class: "formula" }, t("entries.parameters", { n: parameters, sum: counts.length === 1 ? counts[0] : count(parameters) })) : "",
  ]
}

/** Return what charts call a row's layer; a block of several is called by what their names begin with. */
function nameOf([first, ...others]) {
  if (!others.length) return first.name ?? ""
  const words = first.name.split(" ")
  return words.filter((word, at) => others.every(({ name }) => name.split(" ")[at] === word)).join(" ")
}

function rename(control, path, kind) {
  const field = control.name.split(".").at(-1)
  const before = control.id
  control.name = `${path}.${field}`
  control.id = [...control.name.split("."), kind].join("-")
  const box = control.closest(".entry-field")
  box?.querySelector("label")?.setAttribute("for", control.id)
  const help = box?.querySelector(`[id="${before}-help"]`)
  if (!help) return
  help.id = `${control.id}-help`
  control.setAttribute("aria-describedby", help.id)
}

function fill(row, texts) {
  for (const control of row.querySelectorAll("[data-kind]")) {
    const text = texts[control.name.split(".").at(-1)]
    if (text !== undefined) write(control, text)
  }
  return row
}

/** Take over what was typed in fields of the same name, and differs from what stood there. */
function carry(from, into) {
  for (const control of into.querySelectorAll("[data-kind]")) {
    const field = control.name.split(".").at(-1)
    const old = [...from.querySelectorAll("[data-kind]")].find((one) => one.name.endsWith(`.${field}`))
    if (old && old.type === control.type && old.value !== old.dataset.default) write(control, old.value)
  }
  return into
}

function write(control, text) {
  if (control.type === "checkbox") control.checked = text === "on"
  else control.value = text
}

function firstOf(row) {
  return row.querySelector(".entry-fields :is(input, select):not([type=hidden])") ?? row.querySelector("select.kind")
}

customElements.define("entry-list", EntryListElement)
