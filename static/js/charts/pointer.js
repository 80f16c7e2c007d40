// The one place that turns pointer and keys over a chart into a cursor and a zoom.

import { hold, leave, moment, point, zoom } from "./cursor.js"
import { place, valueAt } from "./scale.js"

const CLICK_PX = 4

/**
 * @typedef {object} Hearing what a chart offers to pointer and keys
 * @property {HTMLElement} plot the area of the canvas
 * @property {HTMLElement} handle takes the focus: a slider over steps, as large as the plot
 * @property {HTMLElement} selection the box shown while a range is dragged
 * @property {() => {x: object, y: object, stepAxis: "x"|"y"}|null} frame scales of what is drawn
 * @property {() => number} last newest step
 * @property {(from: number, direction: -1|1) => number} next the next step that has a value
 * @property {AbortSignal} signal ends all listening
 */

/** Let a chart be pointed at, dragged over, and walked through with the arrow keys. */
export function listen({ plot, handle, selection, frame, last, next, signal }) {
  let dragFrom = null
  let moved = null
  let isAsked = false

  const stepAt = ({ clientX, clientY }) => {
    const view = frame()
    if (!view) return null
    const box = plot.getBoundingClientRect()
    const scale = view[view.stepAxis]
    const pixel = view.stepAxis === "x" ? clientX - box.left : clientY - box.top
    const [low, high] = scale.range[0] < scale.range[1] ? scale.range : [scale.range[1], scale.range[0]]
    const step = Math.round(valueAt(scale, Math.min(high, Math.max(low, pixel))))
    return Math.max(0, Math.min(step, last()))
  }

  const follow = () => {
    isAsked = false
    if (!moved) return
    const step = stepAt(moved)
    if (step !== null) point(step)
    if (dragFrom) showSelection(moved)
  }

  const showSelection = ({ clientX }) => {
    const box = plot.getBoundingClientRect()
    const edge = frame().x.range[1]
    const [from, to] = [dragFrom.clientX, clientX].map((at) => Math.min(edge, Math.max(0, at - box.left))).sort((a, b) => a - b)
    selection.hidden = to - from < CLICK_PX
    selection.style.transform = `translateX(${from}px)`
    selection.style.width = `${to - from}px`
  }

  const endDrag = () => {
    dragFrom = null
    selection.hidden = true
  }

  const on = (target, name, hear) => target.addEventListener(name, hear, { signal })

  on(plot, "pointermove", (event) => {
    moved = event
    if (!isAsked) requestAnimationFrame(follow)
    isAsked = true
  })
  on(plot, "pointerdown", (event) => {
    if (event.button !== 0 || !frame()) return
    plot.setPointerCapture(event.pointerId)
    moved = event
    // a finger drags the cursor; a mouse, which points without pressing, drags a range
    if (event.pointerType === "mouse" && frame().stepAxis === "x") dragFrom = event
    else follow()
  })
  on(plot, "pointerup", (event) => {
    if (!frame()) return
    if (dragFrom && Math.abs(event.clientX - dragFrom.clientX) > CLICK_PX) {
      const range = [stepAt(dragFrom), stepAt(event)].sort((a, b) => a - b)
      if (range[1] > range[0]) zoom(range)
    } else if (event.button === 0) {
      const step = stepAt(event)
      hold(event.pointerType === "mouse" && moment.held !== null ? null : step)
    }
    endDrag()
  })
  on(plot, "pointerleave", () => {
    moved = null
    if (!dragFrom) leave()
  })
  on(plot, "pointercancel", endDrag)
  on(plot, "dblclick", () => {
    zoom(null)
    hold(null)
  })
  on(handle, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !frame()) return
    const act = keys[event.key]
    if (!act) return
    event.preventDefault()
    event.stopPropagation()
    act(event)
  })
  on(handle, "blur", () => leave())

  const walk = (direction, event) => {
    let step = moment.step ?? last()
    if (event.shiftKey) step += direction * Math.max(1, Math.round(span() / 20))
    else step = next(step, direction)
    point(Math.max(0, Math.min(step, last())))
  }
  const span = () => {
    const view = frame()
    const [from, to] = view[view.stepAxis].domain
    return to - from
  }
  const zoomBy = (factor) => zoom(narrowed(frame(), moment.step ?? last(), factor, last()))
  const keys = {
    ArrowLeft: (event) => walk(-1, event),
    ArrowRight: (event) => walk(1, event),
    ArrowDown: (event) => walk(-1, event),
    ArrowUp: (event) => walk(1, event),
    Home: () => point(moment.zoom?.[0] ?? 0),
    End: () => point(moment.zoom?.[1] ?? last()),
    Enter: () => hold(moment.held === null ? moment.step : null),
    "+": () => zoomBy(0.5),
    "=": () => zoomBy(0.5),
    "-": () => zoomBy(2),
    0: () => zoom(null),
    Escape: () => {
      if (dragFrom) endDrag()
      else if (moment.zoom) zoom(null)
      else hold(null)
    },
  }
}

/** Return the range of steps `factor` times as wide around `step`; null when that is the whole run. */
export function narrowed(view, step, factor, last) {
  const [from, to] = view[view.stepAxis].domain
  const half = Math.max(2, ((to - from) * factor) / 2)
  const start = Math.max(0, Math.round(step - half))
  const end = Math.min(Math.max(last, 1), Math.round(start + 2 * half))
  return start <= 0 && end >= last ? null : [Math.max(0, Math.min(start, end - 2)), end]
}

/** Move the crosshair of a chart to a step; hide it where the chart does not show that step. */
export function showCrosshair(crosshair, view, step) {
  const scale = view?.[view.stepAxis]
  const isShown = scale && step !== null && step >= scale.domain[0] && step <= scale.domain[1]
  crosshair.classList.toggle("is-off", !isShown)
  if (!isShown) return
  const at = Math.round(place(scale, Math.max(step, scale.kind === "log" ? 1 : -Infinity)))
  crosshair.style.transform = view.stepAxis === "x" ? `translateX(${at}px)` : `translateY(${at}px)`
  crosshair.dataset.axis = view.stepAxis
  // the tag with the step stays inside the chart
  crosshair.dataset.side = at > scale.range[1] * 0.8 ? "left" : "right"
}
