// A form's fields <-> a spec. Fields are named by dotted paths; the server's problems are placed by the same paths.
// A number in a path is a place in a list: model.layers.2.kernel.

const CHOICES = ["dataset", "model", "loss", "optimizer", "schedule"]

/** Return what a control says, in the type that its schema wants; a text that cannot be read stays a text. */
export function valueOf(control) {
  const { kind } = control.dataset
  if (kind === "switch" || kind === "toggle") return control.checked
  if (kind === "mark") return true // a name that is all there is to say
  if (kind === "nothing") return [] // a list without a row
  const text = control.value.trim()
  if (kind === "number") return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text
  if (kind === "list") {
    const items = text.replace(/^\[|\]$/g, "").split(/[\s,]+/).filter(Boolean)
    return items.every((item) => Number.isFinite(Number(item))) ? items.map(Number) : text
  }
  if (kind === "layers") return layersOf(text)
  if (kind === "json") return jsonOf(text)
  return control.value
}

function jsonOf(text) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Return {"dense 1": 0.01} for "dense 1: 0.01", or the text itself where it is no such thing. */
export function layersOf(text) {
  const pairs = text.split(",").filter((one) => one.trim()).map((one) => {
    const at = one.lastIndexOf(":")
    return [one.slice(0, Math.max(at, 0)).trim(), one.slice(at + 1).trim()]
  })
  const isRead = pairs.every(([name, number]) => name && number && Number.isFinite(Number(number)))
  return isRead ? Object.fromEntries(pairs.map(([name, number]) => [name, Number(number)])) : text
}

/** Return a value of a spec as it stands in a text field. */
export function shownValue(value) {
  if (Array.isArray(value)) return value.join(", ")
  if (value !== null && typeof value === "object") return Object.entries(value).map((one) => one.join(": ")).join(", ")
  return String(value)
}

/** Return what a control says as it stands in the URL. */
export function textOf(control) {
  const { kind } = control.dataset
  return kind === "switch" || kind === "toggle" ? (control.checked ? "on" : "off") : control.value.trim()
}

/** Return the whole spec in a form, every field written out. `changed` leaves out what is at its default. */
export function readSpec(controls, { changed = false } = {}) {
  const spec = {}
  for (const control of controls) {
    const path = control.name.split(".")
    const same = isDefault(control)
    if (control.dataset.kind === "choice") {
      spec[path[0]] = { name: control.value, params: spec[path[0]]?.params ?? {} }
    } else if (control.dataset.kind === "toggle") {
      if (changed && same && !control.checked) continue
      place(spec, [...path, "enabled"], control.checked)
    } else if (!(changed && same)) {
      place(spec, CHOICES.includes(path[0]) ? [path[0], "params", ...path.slice(1)] : path, valueOf(control))
    }
  }
  if (changed) tidy(spec)
  return spec
}

/** Return the URL's query for a form: only what differs from the defaults. */
export function readQuery(controls) {
  const query = new URLSearchParams()
  for (const control of controls) {
    if (!isDefault(control)) query.set(control.name, textOf(control))
  }
  return query
}

/** Return the name of the field that a problem's path in the spec stands for. */
export function fieldOf(path) {
  return fieldsOf(path)[0].replace(/(\.\d+)+$/, "")
}

/** Return the names of the fields that a problem's path in the spec may stand for, the nearest first. */
export function fieldsOf(path) {
  const parts = path.replace(/\.(params|name|enabled)(?=\.|$)/g, "").replace(/\[(\d+)\]/g, ".$1").split(".")
  return parts.map((_, cut) => parts.slice(0, parts.length - cut).join("."))
}

function isDefault(control) {
  return textOf(control) === control.dataset.default && !("always" in control.dataset)
}

function place(spec, path, value) {
  let here = spec
  path.slice(0, -1).forEach((key, at) => {
    here = here[key] ??= /^\d+$/.test(path[at + 1]) ? [] : {}
  })
  here[path.at(-1)] = value
}

function tidy(spec) {
  for (const key of CHOICES) {
    if (spec[key] && !Object.keys(spec[key].params ?? {}).length) delete spec[key].params
  }
}
