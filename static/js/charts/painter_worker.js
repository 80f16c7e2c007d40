// The one worker that draws all charts of a page, on canvases that the page handed over.

import { render } from "./renderers.js"

const canvases = new Map()
const waiting = new Map() // the newest scene of each chart: an older one that was not drawn never will be
let colours = null
let isAsked = false
let bitmap = null // one for all heat maps: a fresh one for each drawing costs more than the drawing

const hears = {
  attach: ({ id, canvas }) => canvases.set(id, canvas),
  detach: ({ id }) => {
    canvases.delete(id)
    waiting.delete(id)
  },
  colours: (message) => {
    colours = message.colours
  },
  scene: ({ id, scene }) => {
    waiting.set(id, scene)
    if (!isAsked) requestAnimationFrame(drawAll)
    isAsked = true
  },
}

// the frame callback comes only as fast as the compositor takes pictures: that is the brake
function drawAll() {
  isAsked = false
  for (const [id, scene] of waiting) {
    const canvas = canvases.get(id)
    if (!canvas) continue
    const start = performance.now()
    const frame = render(canvas, scene, { colours, canvas: sized })
    postMessage({ id, frame, cost: performance.now() - start })
  }
  waiting.clear()
}

function sized(width, height) {
  bitmap ??= new OffscreenCanvas(width, height)
  if (bitmap.width !== width || bitmap.height !== height) {
    bitmap.width = width
    bitmap.height = height
  }
  return bitmap
}

self.addEventListener("message", ({ data }) => hears[data.type](data))
