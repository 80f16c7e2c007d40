// Data of a plane, or of a curve, as points: classes by colour and shape; filled for training, hollow for the rest.

import { make } from "../dom.js"
import { fitLinear, place } from "../charts/scale.js"
import { formatTick } from "../charts/format.js"
import { t } from "../texts.js"
import { SHAPES, mark, svg } from "./marks.js"

const WIDTH = 520
const HEIGHT = 400
const LEFT = 44
const BELOW = 36
const BESIDE = 26 // half of the last number below stands to the right of the plane
const SIZE = 0.8
const HEATS = 4

/** Return a picture of {x, y, part} and {kind, classes} or {height}, with its axes and a legend. `names`: of both axes. */
export function scatter({ x, y, part, curve, kind, classes, height }, { names, title }) {
  const known = x.map((_, at) => at).filter((at) => x[at] !== null && y[at] !== null)
  const across = fitLinear(...ends(known.map((at) => x[at])), 7)
  const up = fitLinear(...ends(known.map((at) => y[at])), 6)
  const right = { kind: "linear", domain: across.domain, range: [LEFT, WIDTH - BESIDE] }
  const above = { kind: "linear", domain: up.domain, range: [HEIGHT - BELOW, 8] }
  const grid = [
    ...across.ticks.map(({ value }) => tick(place(right, value), HEIGHT - BELOW, 0, 8 - (HEIGHT - BELOW), formatTick(value, across.step), "middle", 0, 26)),
    ...up.ticks.map(({ value }) => tick(LEFT, place(above, value), WIDTH - BESIDE - LEFT, 0, formatTick(value, up.step), "end", -7, 4)),
  ]
  const points = known.map((at) => {
    const one = mark(kind ? kind[at] : 0, place(right, x[at]), place(above, y[at]), SIZE)
    if (height && !curve) one.classList.add(`heat-${Math.min(HEATS - 1, Math.floor(height[at] * HEATS))}`)
    if (part[at] !== "train") one.classList.add("hollow")
    return one
  })
  const picture = svg("svg", { class: "scatter", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": t("look.spoken_plane", { title, n: known.length }) },
    svg("g", { class: "grid" }, ...grid), svg("g", {}, ...points))
  return make("div", { class: "scatter-box" },
    picture,
    make("p", { class: "small muted" }, t("look.axes", { x: names[0] ?? "x", y: names[1] ?? "y" })),
    make("ul", { class: "legend small" },
      ...classes.slice(0, SHAPES.length).map((name, at) => make("li", {}, swatch(at), name)),
      ...(height && !curve ? Array.from({ length: HEATS }, (_, at) => make("li", {}, swatch(0, `heat-${at}`), t(`look.heat.${at}`))) : []),
      make("li", {}, swatch(0, "plain"), t("look.filled")),
      make("li", {}, swatch(0, "plain hollow"), t("look.hollow"))))
}

function ends(values) {
  return values.length ? [Math.min(...values), Math.max(...values)] : [0, 1]
}

function tick(x, y, dx, dy, text, anchor, shiftX, shiftY) {
  const label = svg("text", { x: x + shiftX, y: y + shiftY, "text-anchor": anchor })
  label.textContent = text
  return svg("g", {}, svg("path", { d: `M${x.toFixed(1)} ${y.toFixed(1)}l${dx} ${dy}` }), label)
}

function swatch(at, looks = "") {
  const one = mark(at, 0, 0, 1)
  for (const name of looks.split(" ").filter(Boolean)) one.classList.add(name)
  return svg("svg", { viewBox: "-6 -6 12 12", "aria-hidden": "true" }, one)
}
