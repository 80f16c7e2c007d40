// Draws what all charts share: grid lines, and the marks of a run (changes, swaps, checkpoints, faults).

import { place, placer } from "./scale.js"

// a line through the chart is for what somebody did or what went wrong; the rest is a small sign on the axis
const LINES = { change: "accent", swap: "accent", nan: "bad", attempt: "muted", stop: "text" }
const SIGNS = { saved: "muted", best: "good", lr: "muted" }

/** Draw grid lines at the ticks; those of a log axis between the labels are fainter. */
export function drawGrid(pen, { width, height }, { x, y, xTicks, yTicks }, colours) {
  pen.strokeStyle = colours.line
  pen.lineWidth = 1
  for (const isMinor of [true, false]) {
    pen.globalAlpha = isMinor ? 0.4 : 0.85
    pen.beginPath()
    for (const { value, minor } of yTicks) {
      if (Boolean(minor) !== isMinor) continue
      const at = crisp(place(y, value))
      pen.moveTo(0, at)
      pen.lineTo(width, at)
    }
    for (const { value, minor } of xTicks) {
      if (minor || !isMinor) continue // up and down are told apart by strength: values are read more often
      const at = crisp(place(x, value))
      pen.moveTo(at, 10)
      pen.lineTo(at, height)
    }
    pen.stroke()
  }
  pen.globalAlpha = 1
}

/** Draw the marks of a run over an axis of steps: lines with a head, or small signs at the foot. */
export function drawMarks(pen, { marks, height }, x, colours) {
  const toX = placer(x)
  for (const { step, kind } of marks) {
    if (step < x.domain[0] || step > x.domain[1]) continue
    const at = crisp(toX(Math.max(step, x.kind === "log" ? 1 : -Infinity)))
    if (LINES[kind]) {
      pen.strokeStyle = pen.fillStyle = colours[LINES[kind]]
      pen.lineWidth = 1
      pen.globalAlpha = 0.6
      pen.setLineDash([3, 3])
      pen.beginPath()
      pen.moveTo(at, 8)
      pen.lineTo(at, height)
      pen.stroke()
      pen.setLineDash([])
      pen.globalAlpha = 1
      drawHead(pen, kind, at)
    } else if (SIGNS[kind]) {
      pen.fillStyle = colours[SIGNS[kind]]
      drawSign(pen, kind, at, height)
    }
  }
}

/** A square for a checkpoint, a triangle that points up for the best epoch, a bar for a scheduled learning rate. */
function drawSign(pen, kind, at, height) {
  pen.beginPath()
  if (kind === "best") {
    pen.moveTo(at - 4, height)
    pen.lineTo(at + 4, height)
    pen.lineTo(at, height - 7)
    pen.closePath()
  } else if (kind === "saved") pen.rect(at - 2, height - 4, 4, 4)
  else pen.rect(at - 0.5, height - 6, 1, 6)
  pen.fill()
}

/** A triangle for a changed knob, a diamond for a swap, a square for the rest: shape says it without colour. */
function drawHead(pen, kind, at) {
  pen.beginPath()
  if (kind === "swap") {
    pen.moveTo(at, 0.5)
    pen.lineTo(at + 4.5, 5)
    pen.lineTo(at, 9.5)
    pen.lineTo(at - 4.5, 5)
  } else if (kind === "change") {
    pen.moveTo(at - 4, 1)
    pen.lineTo(at + 4, 1)
    pen.lineTo(at, 8)
  } else {
    pen.rect(at - 3, 2, 6, 6)
  }
  pen.closePath()
  pen.fill()
}

/** A line one pixel wide is sharp when it runs along the middle of a pixel. */
function crisp(pixel) {
  return Math.round(pixel - 0.5) + 0.5
}
