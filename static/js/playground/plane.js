// A picture of the plane: canvas, axes with round numbers, a point that can be taken and moved, a read-out at the pointer.
//
// The page says what to draw (`draw`); everything around it is here. One unit may be longer along one axis than along
// the other unless the picture `isTrue`: then circles are round.

import { writeAxis } from "../charts/axes.js"
import { readColours } from "../charts/colours.js"
import { formatTick } from "../charts/format.js"
import { multiples, placer, roundStep, valueAt } from "../charts/scale.js"
import { part } from "../dom.js"

const PIXELS_A_TICK = 64
const NUDGE = 100 // arrow keys go a hundredth of the picture, a tenth with Shift
const DIGITS = 3 // of a point that was dragged

export class Plane {
  #figure
  #draw
  #asked = false
  #window = [-1, 1, -1, 1]
  #size = { width: 0, height: 0 }
  #isTrue

  /**
   * @param {HTMLElement} figure with the parts plot, canvas and the two axes
   * @param {(pen: CanvasRenderingContext2D, plane: Plane) => void} draw
   * @param {{isTrue?: boolean}} [options]
   */
  constructor(figure, draw, { isTrue = false } = {}) {
    this.#figure = figure
    this.#draw = draw
    this.#isTrue = isTrue
    this.plot = part(figure, "plot")
    this.canvas = part(figure, "canvas")
    this.colours = readColours()
    const recolour = () => {
      this.colours = readColours()
      this.want()
    }
    document.addEventListener("theme", recolour)
    for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) matchMedia(query).addEventListener("change", recolour)
    new ResizeObserver(([{ contentRect }]) => {
      this.#size = { width: Math.round(contentRect.width), height: Math.round(contentRect.height) }
      this.want()
    }).observe(this.plot)
  }

  /** [x from, x to, y from, y to]: at least this much of the plane is shown. */
  set window(window) {
    this.#window = window
    this.want()
  }

  get size() {
    return this.#size
  }

  /** The scales in use: {x, y}, each a scale of charts/scale.js. */
  get scales() {
    const { width, height } = this.#size
    let [left, right, low, high] = this.#window
    if (this.#isTrue && width && height) {
      const unit = Math.max((right - left) / width, (high - low) / height)
      const [middle, centre] = [(left + right) / 2, (low + high) / 2]
      ;[left, right] = [middle - (unit * width) / 2, middle + (unit * width) / 2]
      ;[low, high] = [centre - (unit * height) / 2, centre + (unit * height) / 2]
    }
    return {
      x: { kind: "linear", domain: [left, right], range: [0, width] },
      y: { kind: "linear", domain: [low, high], range: [height, 0] },
    }
  }

  /** Return [x, y] in pixels -> for a point of the plane. */
  get toPixels() {
    const { x, y } = this.scales
    const [across, down] = [placer(x), placer(y)]
    return (point) => [across(point[0]), down(point[1])]
  }

  /** Return the point of the plane under a pointer. */
  pointAt({ clientX, clientY }) {
    const box = this.plot.getBoundingClientRect()
    const { x, y } = this.scales
    return [valueAt(x, clientX - box.left), valueAt(y, clientY - box.top)]
  }

  /** Draw again, at the next frame. */
  want() {
    if (this.#asked) return
    this.#asked = true
    requestAnimationFrame(() => {
      this.#asked = false
      this.#paint()
    })
  }

  /**
   * Let a button in the plot be a point that is dragged or moved by arrow keys.
   *
   * @param {HTMLElement} handle
   * @param {() => number[]} point where it is
   * @param {(point: number[], isDone: boolean) => void} moved hears where it shall be, kept inside the window
   */
  take(handle, point, moved) {
    const move = (to, isDone) => {
      const [left, right, low, high] = this.#window
      const inside = (value, from, end) => neat(Math.min(end, Math.max(from, value)), end - from)
      moved([inside(to[0], left, right), inside(to[1], low, high)], isDone)
    }
    handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return
      event.preventDefault()
      handle.focus({ preventScroll: true })
      handle.setPointerCapture(event.pointerId)
      const drag = (event) => move(this.pointAt(event), false)
      handle.addEventListener("pointermove", drag)
      const end = (event) => {
        handle.removeEventListener("pointermove", drag)
        for (const name of ["pointerup", "pointercancel"]) handle.removeEventListener(name, end)
        if (event.type === "pointerup") move(point(), true)
      }
      for (const name of ["pointerup", "pointercancel"]) handle.addEventListener(name, end)
    })
    handle.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key]
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      const [left, right, low, high] = this.#window
      const [x, y] = point()
      const stride = event.shiftKey ? NUDGE / 10 : NUDGE
      move([x + (way[0] * (right - left)) / stride, y + (way[1] * (high - low)) / stride], true)
    })
  }

  /** Put an element of the plot over a point. */
  put(element, point) {
    const [x, y] = this.toPixels(point)
    element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`
  }

  #paint() {
    const { width, height } = this.#size
    if (!width || !height) return
    const ratio = window.devicePixelRatio || 1
    const pen = this.canvas.getContext("2d")
    this.canvas.width = Math.round(width * ratio)
    this.canvas.height = Math.round(height * ratio)
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    const { x, y } = this.scales
    for (const [scale, axis] of [[x, "x"], [y, "y"]]) {
      const [from, to] = scale.domain
      const step = roundStep(to - from, Math.abs(scale.range[1] - scale.range[0]) / PIXELS_A_TICK)
      const ticks = multiples(from, to, step).map((value) => ({ value }))
      writeAxis(this.#figure.querySelector(`[data-axis="${axis}"]`), scale, ticks, (value) => formatTick(value, step))
    }
    this.#draw(pen, this)
  }
}

/** Round a coordinate to what a hand can mean: three digits of the picture's span. */
export function neat(value, span) {
  const digits = Math.max(0, DIGITS - 1 - Math.floor(Math.log10(span) + 1e-9))
  return Number(value.toFixed(digits))
}
