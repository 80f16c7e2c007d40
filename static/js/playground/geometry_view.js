// Draws the geometry of a penalty: the loss's contours, what holds the weights back, both optima and the way between them.

import { outline, way } from "./geometry.js"
import { mark } from "./trails.js"

const STEPS = [1, 3] // contours in each decade of the loss
const LEVELS = 9

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {import("./plane.js").Plane} plane
 * @param {{h: object, middle: number[], hold: object, held: number[], ratio: number, tilt: number, least: number, most: number}} scene
 *   held: the optimum under the hold; least: the loss there; most: the loss at the far corner of the picture
 */
export function drawGeometry(pen, plane, scene) {
  const { colours } = plane
  drawAxes(pen, plane)
  drawRegion(pen, plane, scene)
  pen.strokeStyle = colours.muted
  pen.lineWidth = 1
  // one that nearly is the contour through the optimum would blur it
  for (const level of levels(scene.most)) if (Math.abs(Math.log(level / scene.least)) > 0.25) ellipse(pen, plane, scene, level, 0.5)
  if (scene.least > 1e-6) {
    pen.strokeStyle = colours.series[0]
    pen.lineWidth = 2.2
    ellipse(pen, plane, scene, scene.least, 1)
  }
  drawWay(pen, plane, scene)
  mark(pen, plane.toPixels(scene.held), 3, colours.series[1], colours.surface)
}

/** Round levels of the loss, a half decade apart, the highest at the far corner. */
export function levels(most) {
  const found = []
  for (let power = Math.floor(Math.log10(most)); found.length < LEVELS; power--) {
    for (const step of STEPS.toReversed()) if (step * 10 ** power < most) found.push(step * 10 ** power)
  }
  return found.slice(0, LEVELS)
}

function drawAxes(pen, plane) {
  const { width, height } = plane.size
  const [x, y] = plane.toPixels([0, 0]).map((at) => Math.round(at) + 0.5)
  pen.strokeStyle = plane.colours.muted
  pen.lineWidth = 1
  pen.globalAlpha = 0.7
  pen.beginPath()
  pen.moveTo(0, y)
  pen.lineTo(width, y)
  pen.moveTo(x, 0)
  pen.lineTo(x, height)
  pen.stroke()
  pen.globalAlpha = 1
}

/** What the constraint allows, or what is as cheap as the optimum. A penalty of strength 0 allows all. */
function drawRegion(pen, plane, { hold, held, isHeld }) {
  if (!isHeld) return
  pen.beginPath()
  for (const point of outline(hold, held)) pen.lineTo(...plane.toPixels(point))
  pen.closePath()
  pen.fillStyle = pen.strokeStyle = plane.colours.series[1]
  pen.globalAlpha = 0.16
  pen.fill()
  pen.globalAlpha = 1
  pen.lineWidth = 2
  pen.setLineDash([7, 4])
  pen.stroke()
  pen.setLineDash([])
}

function drawWay(pen, plane, { h, middle, hold }) {
  pen.strokeStyle = plane.colours.text
  pen.lineWidth = 1.5
  pen.setLineDash([2, 4])
  pen.beginPath()
  for (const point of way(h, middle, hold)) pen.lineTo(...plane.toPixels(point))
  pen.stroke()
  pen.setLineDash([])
}

/** The contour of a level: an ellipse about the loss's own optimum. */
function ellipse(pen, plane, { middle, ratio, tilt }, level, alpha) {
  const [x, y] = plane.toPixels(middle)
  const unit = plane.toPixels([middle[0] + 1, middle[1]])[0] - x
  const long = Math.sqrt(2 * level) * unit
  pen.globalAlpha = alpha
  pen.beginPath()
  pen.ellipse(x, y, long, long / Math.sqrt(ratio), (-tilt * Math.PI) / 180, 0, 2 * Math.PI)
  pen.stroke()
  pen.globalAlpha = 1
}
