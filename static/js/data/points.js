// Points that are drawn, as a list and as text: x, y and a class from 1, or x and y of a curve. Pure.

export const MOST = 1000
export const REACH = 10 // of both axes
export const CLASSES = 4

/** Return the points as lines of text, with a first line that names the columns: a table to be uploaded. */
export function toTable(points, curve) {
  const lines = points.map(({ x, y, kind }) => (curve ? `${x},${y}` : `${x},${y},${kind}`))
  return [curve ? "x,y" : "x,y,class", ...lines].join("\n") + "\n"
}

/** Return the points as they stand in the text box. */
export function toText(points, curve) {
  return points.map(({ x, y, kind }) => (curve ? `${x}, ${y}` : `${x}, ${y}, ${kind}`)).join("\n")
}

/** Return {points} of a text, or {line} that cannot be read; a class that is left out is 1. Words at the top are passed over. */
export function fromText(text) {
  const points = []
  const lines = text.split(/\r?\n/)
  for (let place = 0; place < lines.length; place++) {
    const cells = lines[place].trim().split(/[\s,;]+/).filter(Boolean)
    if (!cells.length || (place === 0 && cells.every((cell) => Number.isNaN(Number(cell))))) continue
    const [x, y, kind = 1] = cells.map(Number)
    const sound = Math.abs(x) <= REACH && Math.abs(y) <= REACH && Number.isInteger(kind) && kind >= 1 && kind <= CLASSES
    if (cells.length < 2 || cells.length > 3 || !sound || points.length >= MOST) return { line: place + 1 }
    points.push({ x: rounded(x), y: rounded(y), kind })
  }
  return { points }
}

/** Return the place in a list of the point that is nearest, if it is within `reach`; else -1. */
export function nearest(points, x, y, reach = Infinity) {
  let found = -1
  let least = reach
  points.forEach((one, place) => {
    const distance = Math.hypot(one.x - x, one.y - y)
    if (distance <= least) [found, least] = [place, distance]
  })
  return found
}

/** Return a coordinate within the plane, in hundredths. */
export function rounded(value) {
  return Math.round(Math.min(REACH, Math.max(-REACH, value)) * 100) / 100
}
