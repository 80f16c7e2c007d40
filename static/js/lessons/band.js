// A band as a picture: between what a number must lie, where the reference was, and where it came out. Pure but for `draw`.

const NS = "http://www.w3.org/2000/svg"
const WIDTH = 220
const HEIGHT = 26
const MARGIN = 8

/**
 * Return where everything lies from 0 to 1, or null when there is nothing to draw. A side that is open, and what lies
 * beyond, is drawn at the edge.
 * @param {{measured: ?number, low: ?number, high: ?number, reference: ?number}} numbers
 */
export function places({ measured, low, high, reference }) {
  const known = [measured, low, high, reference].filter((one) => one !== null)
  if (measured === null || known.length < 2) return null
  const least = Math.min(...known)
  const most = Math.max(...known)
  const room = (most - least) * 0.12 || Math.abs(most) * 0.1 || 1
  const place = (value, open) => (value === null ? open : (value - least + room) / (most - least + 2 * room))
  return { measured: place(measured, 0), low: place(low, 0), high: place(high, 1), reference: place(reference, null) }
}

/** Return the picture of a band; everything in it stands beside it as text too. */
export function draw(numbers, landed) {
  const at = places(numbers)
  if (!at) return null
  const x = (place) => MARGIN + place * (WIDTH - 2 * MARGIN)
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "band", "aria-hidden": "true" })
  svg.append(
    element("line", { x1: MARGIN, x2: WIDTH - MARGIN, y1: HEIGHT / 2, y2: HEIGHT / 2, class: "band-axis" }),
    element("rect", { x: x(at.low), width: Math.max(3, x(at.high) - x(at.low)), y: 7, height: HEIGHT - 14, rx: 3, class: "band-within" }),
  )
  if (at.reference !== null) svg.append(element("line", { x1: x(at.reference), x2: x(at.reference), y1: 3, y2: HEIGHT - 3, class: "band-reference" }))
  const m = x(at.measured)
  const middle = HEIGHT / 2
  // a point that landed is round, one that missed a cross
  const shape = landed ? element("circle", { cx: m, cy: middle, r: 5 }) : element("path", { d: `M${m - 5} ${middle - 5}l10 10m0-10-10 10` })
  shape.setAttribute("class", landed ? "band-landed" : "band-missed")
  svg.append(shape)
  return svg
}

function element(tag, attributes) {
  const made = document.createElementNS(NS, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  return made
}
