// Why SGD zig-zags on this surface, in numbers: what one step multiplies the distance by, along and across the valley.

import { make, part, say } from "../dom.js"
import { short } from "../numbers.js"
import { t } from "../texts.js"

const TO_BE_SEEN = -0.3 // less of the other wall is gone after a step or two

/** Return what a step of plain gradient descent multiplies the distance from the minimum by: 1 - lr x curvature. */
export function factors(lr, curvatures) {
  return curvatures.map((curvature) => 1 - lr * curvature)
}

/** Return what such a pair of factors looks like: it diverges, zig-zags, crawls or goes straight. */
export function behaviour([along, across]) {
  if (Math.max(Math.abs(along), Math.abs(across)) > 1) return "diverges"
  if (across < TO_BE_SEEN) return "zigzag"
  return along > 0.9 ? "crawls" : "straight"
}

/** Return a racer of `best`, with learning rate and momentum as one would type them. */
export function racerOf({ name, params }) {
  return { name, params: Object.fromEntries(Object.entries(params).map(([field, value]) => [field, Number(value.toPrecision(4))])) }
}

/**
 * Fill the card.
 *
 * @param {HTMLElement} card
 * @param {{curvatures: number[], best: object|null}} surface
 * @param {{name: string, params: Record<string, any>}[]} racers
 */
export function showTuning(card, { curvatures, best }, racers) {
  const [least, most] = curvatures
  card.querySelector("[data-part=tune]").hidden = !best
  say(card.querySelector("h2"), t(best ? "paths.tune.title" : "paths.tune.saddle_title"))
  if (!best) {
    say(part(card, "why"), t("paths.tune.saddle", { down: short(-least), up: short(most) }))
    part(card, "factors").replaceChildren()
    return
  }
  say(part(card, "why"), t("paths.tune.why", { least: short(least), most: short(most), ratio: short(most / least) }))
  const plain = racers.filter(({ name, params }) => name === best.plain.name && !Number(params.momentum) && typeof (params.lr ?? 0.01) === "number")
  part(card, "factors").replaceChildren(
    ...plain.map(({ params: { lr = 0.01 } }) => {
      const [along, across] = factors(lr, curvatures)
      const values = { lr: short(lr), along: signed(along), across: signed(across) }
      return make("li", {}, make("b", {}, t("paths.tune.factors", values)), " ", t(`paths.tune.${behaviour([along, across])}`))
    }),
  )
  const { plain: still, rolling } = best
  say(part(card, "best-plain"), t("paths.tune.plain", { lr: short(still.params.lr, 4), rate: short(still.rate) }))
  say(part(card, "best-rolling"), t("paths.tune.rolling", { lr: short(rolling.params.lr, 4), momentum: short(rolling.params.momentum, 4), rate: short(rolling.rate) }))
}

function signed(value) {
  return short(value, 4).replace("-", "\u2212")
}
