// Where the boxes and lines of a network's picture stand: one box a step, ways around on the left. Pure.

export const WIDTH = 340
const PITCH = 44 // from one box to the next
const BOX = 28
const WIDEST = 168
const NARROWEST = 62
const LANE = 62 // left of the boxes, when there is a way around
const UNIT = 15 // from one unit to the next, where units are drawn: an even number of them, for a line comes between

/** Return the steps of a plan with what each takes; an older plan says nothing of it: then each takes the one before. */
function linked({ layers, input_shape: shape }) {
  const input = { name: "input", kind: "input", shape, takes: [] }
  const steps = [input, ...layers]
  return steps.map((step, at) => ({ ...step, takes: step.takes ?? (at ? [steps[at - 1].name] : []) }))
}

/** Return the share of a step's units that dropout strikes out in each training step. `dropout` is as in a spec. */
export function struckOf({ name, kind, drops }, dropout) {
  if (!dropout?.enabled) return 0
  if (kind === "input") return dropout.input_rate ?? 0
  return drops ? dropout.per_layer?.[name] ?? dropout.rate : 0
}

/**
 * Return {width, height, boxes, lines, ways}: what the picture of a plan's network is made of.
 *
 * A box of which dropout strikes out units has some of them: [{x, struck}].
 */
export function shapeOf(plan, dropout) {
  const steps = linked(plan)
  const byName = new Map(steps.map((step) => [step.name, step]))
  const main = []
  for (let step = steps.at(-1); step; step = byName.get(step.takes[0])) main.unshift(step)
  const around = main.filter(({ takes }) => takes.length > 1)
  const left = around.length ? LANE : 8
  const most = Math.max(...main.map(sizeOf), 2)
  const boxes = main.map((step, at) => {
    const width = NARROWEST + (WIDEST - NARROWEST) * (Math.log2(Math.max(1, sizeOf(step))) / Math.log2(most))
    const end = step.kind === "input" ? "input" : at === main.length - 1 ? "output" : ""
    const x = left + (WIDEST - width) / 2
    const units = unitsOf(x, width, struckOf(step, dropout), at)
    return { step, end, x, y: 6 + at * PITCH, width, height: BOX, units }
  })
  const boxOf = new Map(boxes.map((box) => [box.step.name, box]))
  const middle = left + WIDEST / 2
  const lines = boxes.slice(1).map((box, at) => ({ x: middle, from: boxes[at].y + BOX, to: box.y }))
  const ways = around.map(({ name, takes }) => {
    const side = boxOf.has(takes[1]) ? null : byName.get(takes[1])
    const [from, to] = [boxOf.get(side ? side.takes[0] : takes[1]), boxOf.get(name)]
    return { from, to, lane: LANE / 2 - 8, side, x: left, height: BOX }
  })
  return { width: WIDTH, height: 12 + (main.length - 1) * PITCH + BOX, boxes, lines, ways, texts: left + WIDEST + 12 }
}

/** Return units evenly over a box, the share of them struck out: of none all or nothing, whatever is rounded. */
function unitsOf(x, width, share, at) {
  if (!share) return []
  const n = Math.max(2, 2 * Math.floor(width / UNIT / 2))
  const struck = Math.min(n - 1, Math.max(1, Math.round(n * share)))
  // a step of 3 or 7 places comes to every one of them before it comes back, and looks like chance
  const stride = n % 3 ? 3 : 7
  const out = new Set(Array.from({ length: struck }, (_, i) => (i * stride + at) % n))
  return Array.from({ length: n }, (_, i) => ({ x: x + (width * (i + 0.5)) / n, struck: out.has(i) }))
}

/** Return the picture in words, from the input to the output. */
export function wordsOf(plan) {
  return linked(plan).map(({ name, shape }) => `${name} ${(shape ?? []).join("×")}`).join(", ")
}

function sizeOf({ shape }) {
  return (shape ?? []).reduce((product, size) => product * size, 1)
}
