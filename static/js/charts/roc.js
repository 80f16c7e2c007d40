// Draws ROC curves: true positive rate over false positive rate, the diagonal of knowing nothing, and what is answered.

import { DASHES } from "./colours.js"
import { drawGrid } from "./marks.js"
import { fitLinear, place, placer } from "./scale.js"

const ROOM = 0.015 // beyond 0 and 1, so that a line along the edge is whole
const LEGEND_ROOM = 10
const CORNER = 0.2 // how much of each axis the upper left corner has

/**
 * @typedef {object} RocScene
 * @property {number} width CSS pixels
 * @property {number} height
 * @property {{x: Float32Array, y: Float32Array, colour: number, dash: number, answered: {x: number, y: number}}[]} curves
 * @property {{x: number, y: number, colour: number}|null} picked the corner that is pointed at
 * @property {string[]} words what the axes are, a line each
 * @property {boolean} isCorner show the upper left corner alone, where good curves are told apart
 */

/** Return scales and ticks: both axes are shares, and neither is one of steps. */
export function frame({ width, height, isCorner }) {
  const span = isCorner ? CORNER : 1
  const room = ROOM * span
  const x = { kind: "linear", domain: [-room, span + room], range: [0, width] }
  const y = { kind: "linear", domain: [1 - span - room, 1 + room], range: [height - 1, 0] }
  const across = fitLinear(0, span, 5)
  const up = fitLinear(1 - span, 1, 5)
  return { x, y, xTicks: across.ticks, yTicks: up.ticks, xStep: across.step, yStep: up.step, stepAxis: null }
}

/** Draw a scene with a 2-D context, or with anything that has the same verbs. */
export function draw(pen, scene, view, { colours }) {
  const { x, y } = view
  drawGrid(pen, scene, view, colours)
  pen.save()
  pen.beginPath()
  pen.rect(0, 0, scene.width, scene.height)
  pen.clip()
  pen.strokeStyle = colours.muted
  pen.lineWidth = 1
  pen.setLineDash([4, 4])
  pen.beginPath()
  pen.moveTo(place(x, 0), place(y, 0))
  pen.lineTo(place(x, 1), place(y, 1))
  pen.stroke()
  pen.setLineDash([])
  write(pen, scene, colours)
  pen.lineJoin = "round"
  for (const curve of scene.curves) drawCurve(pen, curve, placer(x), placer(y), colours)
  for (const { answered, colour } of scene.curves) drawRing(pen, answered, 3.5, [x, y], colours.series[colour], colours.surface)
  if (scene.picked) drawRing(pen, scene.picked, 5, [x, y], colours.text, colours.series[scene.picked.colour])
  pen.restore()
}

function drawCurve(pen, { x: across, y: up, colour, dash }, toX, toY, colours) {
  if (across.length < 2) return
  pen.strokeStyle = colours.series[colour]
  pen.lineWidth = 1.8
  pen.setLineDash(DASHES[dash])
  pen.beginPath()
  pen.moveTo(toX(across[0]), toY(up[0]))
  for (let corner = 1; corner < across.length; corner++) pen.lineTo(toX(across[corner]), toY(up[corner]))
  pen.stroke()
  pen.setLineDash([])
}

function drawRing(pen, { x: across, y: up }, radius, [x, y], line, fill) {
  if (Number.isNaN(across) || Number.isNaN(up)) return
  pen.beginPath()
  pen.arc(place(x, across), place(y, up), radius, 0, 2 * Math.PI)
  pen.fillStyle = fill
  pen.fill()
  pen.strokeStyle = line
  pen.lineWidth = 1.8
  pen.stroke()
}

/** What the axes are stands in the corner under the diagonal, where hardly a curve comes. */
function write(pen, { width, height, words }, colours) {
  pen.font = "400 12px system-ui, sans-serif"
  pen.textAlign = "end"
  pen.fillStyle = colours.muted
  words.forEach((text, line) => pen.fillText(text, width - LEGEND_ROOM, height - LEGEND_ROOM - (words.length - 1 - line) * 17))
}
