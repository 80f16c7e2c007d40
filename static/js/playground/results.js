// The table beside a picture: where each optimizer is at the step that is shown, and how it came there.

import { formatValue } from "../charts/format.js"
import { make } from "../dom.js"
import { t } from "../texts.js"
import { sign } from "./racers.js"

/** Return the columns of one path at a step; after its end it has what it had last. */
export function standing(path, at) {
  const index = Math.min(at, path.x.length - 1)
  const of = (name) => path[name][index]
  return { x: of("x"), y: of("y"), f: of("f"), length: of("length"), flipsX: of("flips_x"), flipsY: of("flips_y"), isGone: path.left !== null && at >= path.left }
}

/** Fill the body of the table. `labels` and `paths` go together. */
export function showResults(body, paths, labels, at) {
  const standings = paths.map((path) => standing(path, at))
  const lowest = Math.min(...standings.map(({ f, isGone }) => (isGone ? Infinity : f)))
  body.replaceChildren(
    ...standings.map(({ x, y, f, length, flipsX, flipsY, isGone }, index) => {
      const cells = [formatValue(f), formatPoint(x, y), formatValue(length), String(flipsX), String(flipsY)]
      const name = make("th", { scope: "row" }, sign(index), " ", labels[index], isGone ? make("span", { class: "problem" }, ` ${t("paths.left", { step: paths[index].left })}`) : null)
      const row = make("tr", {}, name, ...cells.map((cell) => make("td", {}, cell)))
      if (f === lowest && !isGone && paths.length > 1) {
        row.classList.add("is-lowest")
        row.children[1].append(make("span", { class: "visually-hidden" }, ` ${t("paths.lowest")}`))
      }
      return row
    }),
  )
}

/** Return where all of them are, in a sentence for a screen reader. */
export function spoken(paths, labels, at) {
  const each = paths.map((path, index) => {
    const { x, y, f } = standing(path, at)
    return t("paths.spoken_one", { name: labels[index], point: formatPoint(x, y), f: formatValue(f) })
  })
  return t("paths.spoken", { at, each: each.join("; ") })
}

/** Return a point with four decimals: (−0.3872, −0.0942). */
export function formatPoint(x, y) {
  const fixed = (value) => (Math.abs(value) < 1e5 ? value.toFixed(4).replace(/^-(0\.0+)$/, "$1") : formatValue(value)).replace("-", "\u2212")
  return `(${fixed(x)}, ${fixed(y)})`
}
