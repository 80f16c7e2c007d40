// Where the optimum of two weights moves when a penalty or a constraint is laid on a quadratic loss. Pure and exact.
//
// E(w) = 1/2 (w - m)^T H (w - m). Penalties add a |w|_1 + b/2 |w|^2 to it; constraints keep |w| or each |w_i| to a limit.
// Each is called by the shape of what is as cheap, or allowed: L1 a diamond, L2 a disc, both together a rounded diamond;
// max-norm keeps weights in a ball, clipping in a box.

/** @typedef {[number, number]} Point */
/** @typedef {{a: number, b: number, c: number}} Matrix symmetric: [[a, b], [b, c]] */
/** @typedef {"diamond"|"disc"|"rounded"|"ball"|"box"} Kind */
/** @typedef {{kind: Kind, strength: number, mix: number, limit: number}} Hold `limit` is for constraints, `strength` for penalties */

export const CONSTRAINTS = new Set(["ball", "box"])
const HALVINGS = 100

/** Return H: curvature 1 along a direction `tilt` degrees from the first weight's axis, `ratio` across it. */
export function hessian(ratio, tilt) {
  const [cos, sin] = [Math.cos((tilt * Math.PI) / 180), Math.sin((tilt * Math.PI) / 180)]
  return { a: cos * cos + ratio * sin * sin, b: (1 - ratio) * cos * sin, c: sin * sin + ratio * cos * cos }
}

/** Return E at a point. */
export function loss({ a, b, c }, middle, [x, y]) {
  const [dx, dy] = [x - middle[0], y - middle[1]]
  return (a * dx * dx + 2 * b * dx * dy + c * dy * dy) / 2
}

/** Return what the penalty adds at a point; 0 for a constraint. */
export function penalty({ kind, strength, mix }, [x, y]) {
  const share = { diamond: 1, disc: 0, rounded: mix }[kind] ?? 0
  return CONSTRAINTS.has(kind) ? 0 : strength * (share * (Math.abs(x) + Math.abs(y)) + ((1 - share) / 2) * (x * x + y * y))
}

/** Return the optimum. What is 0 is exactly 0. @param {Matrix} h @param {Point} middle @param {Hold} hold @returns {Point} */
export function optimum(h, middle, hold) {
  if (hold.kind === "ball") return inBall(h, middle, hold.limit)
  if (hold.kind === "box") return inBox(h, middle, hold.limit)
  const share = { diamond: 1, disc: 0, rounded: hold.mix }[hold.kind]
  return penalised(h, middle, hold.strength * share, hold.strength * (1 - share))
}

/** Minimise E + a |w|_1 + b/2 |w|^2: on each piece of the plane where signs are given it is a linear system. */
function penalised(h, middle, a, b) {
  const shifted = { a: h.a + b, b: h.b, c: h.c + b }
  const pull = [h.a * middle[0] + h.b * middle[1], h.b * middle[0] + h.c * middle[1]]
  const value = (w) => loss(h, middle, w) + a * (Math.abs(w[0]) + Math.abs(w[1])) + (b / 2) * (w[0] ** 2 + w[1] ** 2)
  const candidates = [[0, 0]]
  for (const sign of [1, -1]) {
    const along = [(pull[0] - a * sign) / shifted.a, (pull[1] - a * sign) / shifted.c]
    if (along[0] * sign > 0) candidates.push([along[0], 0])
    if (along[1] * sign > 0) candidates.push([0, along[1]])
    for (const other of [1, -1]) {
      const w = solve(shifted, [pull[0] - a * sign, pull[1] - a * other])
      if (w[0] * sign > 0 && w[1] * other > 0) candidates.push(w)
    }
  }
  return lowest(candidates, value)
}

/** Minimise E where |w| <= limit: outside, (H + mu) w = H m with the mu that makes |w| the limit. */
function inBall(h, middle, limit) {
  if (Math.hypot(...middle) <= limit) return [...middle]
  if (limit === 0) return [0, 0]
  const pull = [h.a * middle[0] + h.b * middle[1], h.b * middle[0] + h.c * middle[1]]
  const at = (mu) => solve({ a: h.a + mu, b: h.b, c: h.c + mu }, pull)
  let [low, high] = [0, 1]
  while (Math.hypot(...at(high)) > limit) high *= 2
  for (let half = 0; half < HALVINGS; half++) {
    const mu = (low + high) / 2
    if (Math.hypot(...at(mu)) > limit) low = mu
    else high = mu
  }
  return at(high)
}

/** Minimise E where |w_1| and |w_2| <= limit: inside, on an edge, or at a corner. */
function inBox(h, middle, limit) {
  const clamp = (value) => Math.min(limit, Math.max(-limit, value))
  if (middle.every((one) => Math.abs(one) <= limit)) return [...middle]
  const candidates = [-limit, limit].flatMap((edge) => [
    [edge, clamp(middle[1] - (h.b / h.c) * (edge - middle[0]))],
    [clamp(middle[0] - (h.b / h.a) * (edge - middle[1])), edge],
  ])
  return lowest(candidates, (w) => loss(h, middle, w))
}

/** Return the outline of what is as cheap as a point, or of what a constraint allows: points around the origin. */
export function outline(hold, point, count = 240) {
  const { kind, mix, limit } = hold
  const share = { diamond: 1, disc: 0, rounded: mix }[kind] ?? 0
  const cost = penalty({ ...hold, strength: 1 }, point)
  const reach = (x, y) => {
    const size = Math.abs(x) + Math.abs(y)
    if (kind === "ball") return limit
    if (kind === "box") return limit / Math.max(Math.abs(x), Math.abs(y))
    if (share === 1) return cost / size
    // share size t + (1 - share) / 2 t^2 = cost
    return (Math.sqrt((share * size) ** 2 + 2 * (1 - share) * cost) - share * size) / (1 - share)
  }
  return Array.from({ length: count }, (_, index) => {
    const angle = (index / count) * 2 * Math.PI
    const [x, y] = [Math.cos(angle), Math.sin(angle)]
    return [x * reach(x, y), y * reach(x, y)]
  })
}

/** Return the way of the optimum as the hold tightens, from none at all. */
export function way(h, middle, hold, count = 160) {
  const far = Math.hypot(...middle) * 1.05
  return Array.from({ length: count + 1 }, (_, index) => {
    const share = index / count
    const strength = share === 0 ? 0 : 10 ** (-3 + 6 * share)
    return optimum(h, middle, { ...hold, strength, limit: far * (1 - share) })
  })
}

/** Return which sentence says what one sees, and which weight it is about (1 or 2) where it is about one. */
export function seen(hold, middle, [x, y]) {
  const { kind, strength, limit } = hold
  const zeros = [x, y].filter((one) => one === 0).length
  if (CONSTRAINTS.has(kind)) {
    const inside = x === middle[0] && y === middle[1]
    if (inside) return { key: `${kind}.inside` }
    if (kind === "ball") return { key: "ball.touches" }
    const held = [x, y].map((one) => Math.abs(one) === limit)
    return held[0] && held[1] ? { key: "box.corner" } : { key: "box.edge", weight: held[0] ? 1 : 2 }
  }
  if (strength === 0) return { key: "off" }
  if (kind === "disc" || (kind === "rounded" && hold.mix === 0)) return { key: "disc" }
  if (zeros === 2) return { key: `${kind}.none` }
  return zeros === 1 ? { key: `${kind}.one`, weight: x === 0 ? 1 : 2 } : { key: `${kind}.both` }
}

function solve({ a, b, c }, [p, q]) {
  const determinant = a * c - b * b
  return [(c * p - b * q) / determinant, (a * q - b * p) / determinant]
}

function lowest(candidates, value) {
  return candidates.reduce((best, one) => (value(one) < value(best) ? one : best))
}
