// What a setting does, as a picture: each variant a point, its setting along, what it came to upward.

import { nameOf } from "../groups/metrics.js"
import { short } from "../numbers.js"
import { make } from "../dom.js"
import { t } from "../texts.js"

const NS = "http://www.w3.org/2000/svg"
const WIDTH = 320
const HEIGHT = 132
const MARGIN = 10

/** Return where points lie in a unit square, [x, y] each, y upward. Pure. @param {{log: boolean, points: number[][]}} picture */
export function placesOf({ log, points }) {
  const along = points.map(([value]) => (log ? Math.log(value) : value))
  const up = points.map(([, value]) => value)
  const share = (values) => {
    const [least, most] = [Math.min(...values), Math.max(...values)]
    return values.map((value) => (most > least ? (value - least) / (most - least) : 0.5))
  }
  const [x, y] = [share(along), share(up)]
  return points.map((_, index) => [x[index], y[index]])
}

/** Return the figure; what it shows is said in its label, and the numbers stand in the charts' legends. */
export function scatter({ setting, log, series, points }) {
  if (points.length < 2) return null
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "scatter", role: "img" })
  const measure = nameOf(series)
  svg.setAttribute("aria-label", t("lesson.influence.picture", { setting, measure, n: points.length }))
  svg.append(element("rect", { x: 0.5, y: 0.5, width: WIDTH - 1, height: HEIGHT - 1, rx: 4, class: "scatter-ground" }))
  for (const [x, y] of placesOf({ log, points })) {
    svg.append(element("circle", { cx: MARGIN + x * (WIDTH - 2 * MARGIN), cy: HEIGHT - MARGIN - y * (HEIGHT - 2 * MARGIN), r: 4, class: "scatter-point" }))
  }
  const ends = (values) => [Math.min(...values), Math.max(...values)].map((value) => short(value))
  const [left, right] = ends(points.map(([value]) => value))
  const [low, high] = ends(points.map(([, value]) => value))
  const scale = t(log ? "lesson.influence.log" : "lesson.influence.linear", { setting, left, right })
  return make("figure", { class: "influence" }, svg, make("figcaption", { class: "small muted" }, `${scale} `, t("lesson.influence.up", { measure, low, high })))
}

function element(tag, attributes) {
  const made = document.createElementNS(NS, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  return made
}
