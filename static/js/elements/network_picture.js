// <network-picture> draws a plan's network: a box for each step, as wide as it gives many values, and the ways around.

import { make } from "../dom.js"
import { shapeOf, wordsOf } from "../network_shape.js"
import { t } from "../texts.js"

const SVG = "http://www.w3.org/2000/svg"

export class NetworkPictureElement extends HTMLElement {
  /** Draw a plan; `dropout` is as in a spec. */
  show(plan, dropout) {
    const { width, height, boxes, lines, ways, texts } = shapeOf(plan, dropout)
    const words = [t("plan.picture", { words: wordsOf(plan) })]
    const picture = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" })
    picture.style.maxWidth = `${width * 1.2}px`
    for (const { x, from, to } of lines) picture.append(draw("path", { class: "flow", d: `M${x} ${from}V${to - 5}` }), arrow(x, to))
    for (const box of boxes) picture.append(...boxOf(box, texts))
    for (const way of ways) picture.append(...wayAround(way))
    for (const { y, height: tall, units } of boxes) for (const { x, struck } of units) picture.append(...unitAt(x, y + tall, struck))
    this.replaceChildren(picture)
    if (boxes.some(({ units }) => units.length)) {
      words.push(t("plan.struck"))
      this.append(make("p", { class: "muted small" }, t("plan.struck")))
    }
    picture.setAttribute("aria-label", words.join(" "))
  }
}

function boxOf({ step, end, x, y, width, height }, texts) {
  const kind = end || (step.weight ? "weights" : "plain")
  const line = y + height / 2
  return [
    draw("rect", { class: `box ${kind}`, x, y, width, height, rx: 6 }, draw("title", {}, titleOf(step))),
    draw("text", { class: "name", x: x + width / 2, y: line, "text-anchor": "middle" }, end === "input" ? t("plan.input") : step.name),
    draw("text", { class: "shape", x: texts, y: line }, (step.shape ?? []).join(" × ")),
  ]
}

function wayAround({ from, to, lane, side, height }) {
  // one way may end at the box at which the next begins: it comes in above and goes out below
  const [top, end] = [from.y + height * 0.72, to.y + height * 0.36]
  const parts = [
    draw("path", { class: "flow way", d: `M${from.x} ${top}H${lane + 8}q-8 0 -8 8V${end - 8}q0 8 8 8H${to.x - 9}` }),
    draw("circle", { class: "sum", cx: to.x, cy: end, r: 8 }),
    draw("path", { class: "plus", d: `M${to.x - 4} ${end}h8M${to.x} ${end - 4}v8` }),
  ]
  if (side) {
    const middle = (top + end) / 2
    const word = side.name.split(" ").at(-1)
    parts.push(
      draw("rect", { class: "box weights", x: lane - 20, y: middle - 11, width: 40, height: 22, rx: 5 }, draw("title", {}, titleOf(side))),
      draw("text", { class: "name small", x: lane, y: middle, "text-anchor": "middle" }, word))
  }
  return parts
}

function unitAt(x, y, struck) {
  const parts = [draw("circle", { class: struck ? "unit struck" : "unit", cx: x, cy: y, r: 4.5 })]
  if (struck) parts.push(draw("path", { class: "strike", d: `M${x - 5} ${y - 5}l10 10M${x + 5} ${y - 5}l-10 10` }))
  return parts
}

function arrow(x, y) {
  return draw("path", { class: "head", d: `M${x - 4} ${y - 7}L${x} ${y}L${x + 4} ${y - 7}z` })
}

function titleOf({ name, kind, formula, count }) {
  return [`${name}: ${kind}`, formula, count].filter(Boolean).join("\n")
}

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
  element.append(...children)
  return element
}

customElements.define("network-picture", NetworkPictureElement)
