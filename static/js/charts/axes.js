// Labels of axes, in the DOM: text stays text, crisp at any zoom of the page.

import { place } from "./scale.js"

const EDGE_PX = 14

/** Write beside the line of a level what it is; hidden where the axis does not reach so far, or there is none. */
export function showLevel({ level: label }, scale, level) {
  const at = level === null ? NaN : place(scale, level.value)
  label.hidden = !(at >= Math.min(...scale.range) && at <= Math.max(...scale.range))
  if (label.hidden) return
  if (label.textContent !== level.text) label.textContent = level.text
  label.style.transform = `translateY(${Math.round(at)}px)`
  // under its line, for what is judged should lie there; over it at the foot of the chart
  label.dataset.side = at > Math.max(...scale.range) - 2 * EDGE_PX ? "over" : "under"
}

/**
 * Write the labels of one axis; elements are kept and only what changed is touched.
 *
 * @param {HTMLElement} container
 * @param {import("./scale.js").Scale} scale
 * @param {import("./scale.js").Tick[]} ticks
 * @param {(value: number) => string} format
 */
export function writeAxis(container, scale, ticks, format) {
  const side = container.dataset.axis
  const labels = ticks.filter(({ minor }) => !minor)
  while (container.childElementCount < labels.length) container.append(document.createElement("span"))
  while (container.childElementCount > labels.length) container.lastElementChild.remove()
  labels.forEach(({ value, label: own }, index) => {
    const label = container.children[index]
    const text = own ?? format(value)
    const at = `${side === "x" ? "translateX" : "translateY"}(${Math.round(place(scale, value) * 10) / 10}px)`
    if (label.textContent !== text) label.textContent = text
    // the label at the end of the axis stays inside the chart
    label.classList.toggle("is-end", side === "x" && place(scale, value) > scale.range[1] - EDGE_PX)
    if (label.dataset.at !== at) {
      label.dataset.at = at
      label.style.transform = at
    }
  })
}
