// Draws the paths of optimizers up to a step: a line, a dot for each update, and a mark of its own where each one is.

import { DASHES } from "../charts/colours.js"

const MANY = 120 // updates: with more, dots would hide the line
const MARKS = [disc, square, triangle, diamond]

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {import("./plane.js").Plane} plane
 * @param {{x: number[], y: number[], left: number|null}[]} paths
 * @param {number} at the step that is shown
 */
export function drawTrails(pen, plane, paths, at) {
  const { width, height } = plane.size
  const toPixels = plane.toPixels
  pen.save()
  pen.beginPath()
  pen.rect(0, 0, width, height)
  pen.clip()
  pen.lineJoin = pen.lineCap = "round"
  // the first one lies on top: it is the one at the top of the list
  for (const [index, path] of [...paths.entries()].reverse()) {
    const points = path.x.slice(0, at + 1).map((x, step) => kept(toPixels([x, path.y[step]]), width, height))
    const colour = plane.colours.series[index % plane.colours.series.length]
    pen.strokeStyle = plane.colours.surface
    pen.lineWidth = 4.5
    pen.globalAlpha = 0.75
    line(pen, points)
    pen.globalAlpha = 1
    pen.strokeStyle = pen.fillStyle = colour
    pen.lineWidth = 1.9
    pen.setLineDash(points.length > 2 ? DASHES[index % DASHES.length] : [])
    line(pen, points)
    pen.setLineDash([])
    if (points.length <= MANY) for (const point of points) dot(pen, point, 2)
    mark(pen, points.at(-1), index, colour, plane.colours.surface)
  }
  pen.restore()
}

/** Draw the mark of one path, as the legend has it. */
export function mark(pen, point, index, colour, around) {
  pen.beginPath()
  MARKS[index % MARKS.length](pen, point, 6)
  pen.closePath()
  pen.fillStyle = colour
  pen.strokeStyle = around
  pen.lineWidth = 2
  pen.fill()
  pen.stroke()
}

function line(pen, points) {
  pen.beginPath()
  for (const point of points) pen.lineTo(...point)
  pen.stroke()
}

function dot(pen, [x, y], radius) {
  pen.beginPath()
  pen.arc(x, y, radius, 0, 2 * Math.PI)
  pen.fill()
}

/** A canvas does not draw what lies a million pixels off: a point that far away is drawn just outside, on its way. */
function kept([x, y], width, height) {
  const far = 20 * Math.max(width, height)
  const share = Math.max(Math.abs(x), Math.abs(y)) / far
  return share > 1 ? [x / share, y / share] : [x, y]
}

function disc(pen, [x, y], size) {
  pen.arc(x, y, size * 0.9, 0, 2 * Math.PI)
}

function square(pen, [x, y], size) {
  pen.rect(x - size * 0.8, y - size * 0.8, size * 1.6, size * 1.6)
}

function triangle(pen, [x, y], size) {
  pen.moveTo(x, y - size)
  pen.lineTo(x + size, y + size * 0.8)
  pen.lineTo(x - size, y + size * 0.8)
}

function diamond(pen, [x, y], size) {
  pen.moveTo(x, y - size * 1.1)
  pen.lineTo(x + size * 1.1, y)
  pen.lineTo(x, y + size * 1.1)
  pen.lineTo(x - size * 1.1, y)
}
