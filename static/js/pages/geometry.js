// The page of the geometry of penalties: everything is worked out here, at once, and everything is in the URL.

import "../elements/number_slider.js"
import { formatValue } from "../charts/format.js"
import { make, part, say } from "../dom.js"
import { CONSTRAINTS, hessian, loss, optimum, penalty, seen } from "../playground/geometry.js"
import { drawGeometry } from "../playground/geometry_view.js"
import { Plane } from "../playground/plane.js"
import { formatPoint } from "../playground/results.js"
import { t } from "../texts.js"

const WINDOW = [-3, 3, -2, 2]
const KNOBS = ["strength", "mix", "limit", "x", "y", "ratio", "tilt"]
const page = document.querySelector("[data-geometry]")
const knobs = new Map(KNOBS.map((name) => [name, page.querySelector(`[data-knob="${name}"] [data-kind]`)]))
const kinds = [...part(page, "kinds").elements].filter(({ name }) => name === "kind")
let scene = null // the last that could be read: what is wrong is said, and the picture stays

const plane = new Plane(part(page, "plane"), (pen) => {
  if (!scene) return
  drawGeometry(pen, plane, scene)
  plane.put(part(page, "middle"), scene.middle)
}, { isTrue: true }) // prettier-ignore
plane.window = WINDOW

function kind() {
  return kinds.find(({ checked }) => checked)?.value ?? kinds[0].value
}

/** Return the numbers of the knobs, or null after saying which cannot be read. */
function read() {
  const values = {}
  let isGood = true
  for (const [name, control] of knobs) {
    const { low, high } = (control.closest("number-slider") ?? control).dataset
    const least = control.closest("[data-zero]") ? 0 : Number(low)
    const value = control.value.trim() === "" ? NaN : Number(control.value)
    const isIn = value >= least && value <= Number(high)
    const line = control.closest("[data-path]").querySelector(".problem")
    line.hidden = isIn
    if (!isIn) say(line, t("geometry.outside", { value: control.value.slice(0, 20) || "–", low: String(least), high }))
    control.toggleAttribute("aria-invalid", !isIn)
    if (!isIn) control.setAttribute("aria-invalid", "true")
    values[name] = value
    isGood &&= isIn
  }
  return isGood ? values : null
}

/** Work out the picture from the knobs, and say what is to be seen. */
function show() {
  const chosen = kind()
  const isConstraint = CONSTRAINTS.has(chosen)
  for (const [name, isShown] of [["strength", !isConstraint], ["mix", chosen === "rounded"], ["limit", isConstraint]]) {
    page.querySelector(`[data-knob="${name}"]`).hidden = !isShown
  }
  const values = read()
  if (!values) return
  const { x, y, ratio, tilt, strength, mix, limit } = values
  const hold = { kind: chosen, strength, mix, limit }
  const [h, middle] = [hessian(ratio, tilt), [x, y]]
  const held = optimum(h, middle, hold)
  const corners = [[-3, -2], [-3, 2], [3, -2], [3, 2]]
  const most = Math.max(...corners.map((corner) => loss(h, middle, corner)))
  scene = { h, middle, hold, held, ratio, tilt, least: loss(h, middle, held), most, isHeld: isConstraint || strength > 0 }
  plane.want()
  const { key, weight } = seen(hold, middle, held)
  say(part(page, "seen"), t(`geometry.see.${key}`, { w1: neat(held[0]), w2: neat(held[1]), weight: weight ?? 0, other: 3 - (weight ?? 0), strength: String(strength), limit: String(limit) }))
  const row = (name, w) => {
    const [data, more] = [loss(h, middle, w), penalty(hold, w)]
    const cells = [neat(w[0]), neat(w[1]), formatValue(data), isConstraint ? "–" : formatValue(more), formatValue(data + more)]
    return make("tr", {}, make("th", { scope: "row" }, t(name)), ...cells.map((cell) => make("td", {}, cell)))
  }
  part(page, "numbers").replaceChildren(row("geometry.free", middle), row("geometry.held", held))
  plane.canvas.setAttribute("aria-label", `${t("geometry.picture")}. ${part(page, "seen").textContent}`)
  part(page, "middle").setAttribute("aria-label", t("geometry.middle_at", { point: formatPoint(x, y) }))
  keep()
}

/** A weight as the table has it: what is exactly 0 is written so, what only comes near is not. */
function neat(value) {
  return value === 0 ? "0" : value.toFixed(4).replace("-", "\u2212")
}

/** Write the URL: what is at its default is left out. */
function keep() {
  const query = new URLSearchParams(kind() === kinds[0].value ? {} : { kind: kind() })
  for (const [name, { value, dataset }] of knobs) if (value.trim() !== dataset.default) query.set(name, value.trim())
  const address = `${location.pathname}${query.size ? `?${query}` : ""}`
  // the language switch comes back to this very picture
  for (const link of document.querySelectorAll("a[href^='/language/']")) link.href = `${link.pathname}?back=${encodeURIComponent(address)}`
  if (address === location.pathname + location.search) return
  history.replaceState(null, "", address)
}

/** Fill the knobs from the URL. */
function fill() {
  const query = new URLSearchParams(location.search)
  for (const one of kinds) one.checked = one.value === (query.get("kind") ?? kinds[0].value)
  for (const [name, control] of knobs) {
    control.value = query.get(name) ?? control.dataset.default
    control.closest("number-slider")?.follow()
  }
  show()
}

page.addEventListener("input", show)
page.addEventListener("change", show)
part(page, "reset").addEventListener("click", () => {
  history.pushState(null, "", location.pathname)
  fill()
})
addEventListener("popstate", fill)
plane.take(part(page, "middle"), () => scene.middle, (point) => {
  for (const [index, name] of ["x", "y"].entries()) knobs.get(name).value = String(point[index])
  show()
}) // prettier-ignore
fill()
