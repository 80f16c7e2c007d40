// Points of a plane as SVG: a colour and a shape for each class, so that neither has to be told by itself.

const SVG = "http://www.w3.org/2000/svg"

// within [-4, 4]; a circle, a square, a triangle, a diamond, then a plus, a star, a bar and a cross
export const SHAPES = [
  "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
  "M-3.6 -3.6H3.6V3.6H-3.6z",
  "M0 -4.6L4.4 3.4H-4.4z",
  "M0 -5L5 0L0 5L-5 0z",
  "M-1.4 -4.6H1.4V-1.4H4.6V1.4H1.4V4.6H-1.4V1.4H-4.6V-1.4H-1.4z",
  "M0 -5L1.5 -1.6L5 -1.5L2.2 0.8L3.1 4.4L0 2.4L-3.1 4.4L-2.2 0.8L-5 -1.5L-1.5 -1.6z",
  "M-5 -2H5V2H-5z",
  "M-4.4 -2.4L-2.4 -4.4L0 -2L2.4 -4.4L4.4 -2.4L2 0L4.4 2.4L2.4 4.4L0 2L-2.4 4.4L-4.4 2.4L-2 0z",
]

/** Return a new SVG element, like `make` of dom.js. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : String(value))
  }
  element.append(...children.filter((child) => child !== null && child !== undefined))
  return element
}

/** Return the mark of a class at a place. Over eight classes share shapes and colours. */
export function mark(place, x, y, scale = 1) {
  const kind = place % SHAPES.length
  return svg("path", { d: SHAPES[kind], class: `mark series-${kind + 1}`, transform: `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${scale})` })
}
