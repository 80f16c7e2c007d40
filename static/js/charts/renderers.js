// What can be drawn, by kind of scene; and drawing one scene, wherever the canvas lives.

import * as curves from "./curves.js"
import * as ridges from "./ridges.js"
import * as roc from "./roc.js"
import * as spread from "./spread.js"

export const RENDERERS = { curves, spread, ridges, roc }

/**
 * Draw a scene onto a canvas of its size.
 *
 * @param {OffscreenCanvas|HTMLCanvasElement} canvas
 * @param {{kind: keyof RENDERERS, width: number, height: number, ratio: number}} scene
 * @param {{colours: object, canvas: (width: number, height: number) => OffscreenCanvas|HTMLCanvasElement}} tools
 * @returns {object} the frame: scales and ticks, for the labels around the canvas
 */
export function render(canvas, scene, tools) {
  const { kind, width, height, ratio } = scene
  const across = Math.max(1, Math.round(width * ratio))
  const down = Math.max(1, Math.round(height * ratio))
  const pen = canvas.getContext("2d")
  // setting a size clears the canvas and its state, and costs: only when it changed
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across
    canvas.height = down
  } else {
    pen.setTransform(1, 0, 0, 1, 0, 0)
    pen.clearRect(0, 0, across, down)
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0)
  const frame = RENDERERS[kind].frame(scene)
  RENDERERS[kind].draw(pen, scene, frame, tools)
  return frame
}
