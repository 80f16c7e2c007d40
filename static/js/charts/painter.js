// The painter: gives every chart its turn to be drawn, in a worker where the browser can.
//
// Charts say that they have something new; the painter asks them for a scene when they are in sight, not being drawn,
// and their measured cost fits into the frame. A scene asked late is the newest: nothing is ever queued.

import { readColours } from "./colours.js"
import { averageCost, inTurn } from "./turns.js"

const FIRST_GUESS_MS = 2

/**
 * @typedef {object} Chart what the painter asks of a chart
 * @property {() => {scene: object, transfer?: Transferable[]}|null} scene what to draw now
 * @property {(frame: object) => void} framed hears the scales and ticks of what was drawn
 */

class Painter {
  #places = new Map() // chart -> its place: canvas, cost, what it waits for
  #byId = new Map()
  #worker = null
  #render = null // draws on the page where there is no worker; loaded only then
  #colours = null
  #lastId = 0
  #isAsked = false
  #seen = new IntersectionObserver((entries) => this.#look(entries), { rootMargin: "120px" })

  constructor() {
    this.#worker = startWorker((message) => this.#drawn(message), () => this.#stayHere())
    if (!this.#worker) this.#stayHere()
    this.#readColours()
    document.addEventListener("theme", () => this.#readColours())
    for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
      matchMedia(query).addEventListener("change", () => this.#readColours())
    }
    document.addEventListener("visibilitychange", () => this.#ask())
  }

  /** The colours in use, for whoever draws a chart elsewhere: an export, Plotly. */
  get colours() {
    return this.#colours
  }

  /** What drawing costs now: by chart, in ms of the thread that draws. */
  get costs() {
    return [...this.#places].map(([chart, { cost, count }]) => ({ chart, cost, count }))
  }

  /** Take a chart and its fresh canvas in charge. */
  add(chart, canvas) {
    const place = { id: ++this.#lastId, chart, canvas, cost: FIRST_GUESS_MS, drawn: 0, count: 0, isNew: true, isBusy: false, isSeen: false }
    this.#places.set(chart, place)
    this.#byId.set(place.id, place)
    if (this.#worker && canvas.transferControlToOffscreen) {
      const handed = canvas.transferControlToOffscreen()
      this.#worker.postMessage({ type: "attach", id: place.id, canvas: handed }, [handed])
      place.isHanded = true
    }
    this.#seen.observe(canvas)
  }

  /** Forget a chart. */
  remove(chart) {
    const place = this.#places.get(chart)
    if (!place) return
    this.#seen.unobserve(place.canvas)
    this.#places.delete(chart)
    this.#byId.delete(place.id)
    if (place.isHanded) this.#worker?.postMessage({ type: "detach", id: place.id })
  }

  /** Draw a chart again when its turn comes. */
  want(chart) {
    const place = this.#places.get(chart)
    if (!place) return
    place.isNew = true
    this.#ask()
  }

  #ask() {
    if (this.#isAsked || document.hidden) return
    this.#isAsked = true
    requestAnimationFrame((now) => this.#turn(now))
  }

  #turn(now) {
    this.#isAsked = false
    const waiting = [...this.#places.values()].filter(({ isNew, isBusy, isSeen }) => isNew && !isBusy && isSeen)
    const turn = inTurn(waiting)
    for (const place of turn) this.#draw(place, now)
    if (waiting.length > turn.length) this.#ask()
  }

  #draw(place, now) {
    if (!place.isHanded && !this.#render) return
    place.isNew = false
    place.drawn = now
    const start = performance.now()
    const asked = place.chart.scene()
    if (!asked) return
    if (place.isHanded) {
      place.isBusy = true
      place.made = performance.now() - start
      this.#worker.postMessage({ type: "scene", id: place.id, scene: asked.scene }, asked.transfer ?? [])
      return
    }
    const frame = this.#render(place.canvas, asked.scene, { colours: this.#colours, canvas: newCanvas })
    this.#finish(place, frame, performance.now() - start)
  }

  #drawn({ id, frame, cost }) {
    const place = this.#byId.get(id)
    if (!place) return
    place.isBusy = false
    this.#finish(place, frame, cost + place.made)
    if (place.isNew) this.#ask()
  }

  #finish(place, frame, cost) {
    place.cost = averageCost(place.cost, cost)
    place.count++
    place.chart.framed(frame)
  }

  #look(entries) {
    for (const { target, isIntersecting } of entries) {
      const place = [...this.#places.values()].find(({ canvas }) => canvas === target)
      if (!place) continue
      place.isSeen = isIntersecting
      if (isIntersecting) place.chart.seen?.()
    }
    this.#ask()
  }

  #readColours() {
    this.#colours = readColours()
    this.#worker?.postMessage({ type: "colours", colours: this.#colours })
    for (const chart of this.#places.keys()) this.want(chart)
  }

  /** There is no worker, or it could not start: canvases that it had are lost, so the charts bring new ones. */
  async #stayHere() {
    this.#worker = null
    for (const { chart, isHanded } of [...this.#places.values()]) if (isHanded) chart.renew()
    this.#render = (await import("./renderers.js")).render
    this.#ask()
  }
}

export function newCanvas(width, height) {
  const canvas = document.createElement("canvas")
  canvas.width = width
  canvas.height = height
  return canvas
}

function startWorker(hear, fail) {
  if (typeof OffscreenCanvas === "undefined" || !HTMLCanvasElement.prototype.transferControlToOffscreen) return null
  try {
    const worker = new Worker(new URL("./painter_worker.js", import.meta.url), { type: "module", name: "painter" })
    worker.addEventListener("message", ({ data }) => hear(data))
    worker.addEventListener("error", fail, { once: true })
    return worker
  } catch {
    return null // a policy forbids workers: the page draws by itself
  }
}

export const painter = new Painter()
