// Whose turn it is to be drawn: what fits into a frame, the longest waiting first. Pure.

export const FRAME_BUDGET_MS = 8

/**
 * Return the charts to draw in this frame.
 *
 * One is always drawn, however dear; the others while their measured costs fit into the budget.
 *
 * @param {{cost: number, drawn: number}[]} charts that have something new; cost in ms, drawn: when last
 * @param {number} [budget] ms
 */
export function inTurn(charts, budget = FRAME_BUDGET_MS) {
  const turn = []
  let spent = 0
  for (const chart of [...charts].sort((one, other) => one.drawn - other.drawn)) {
    if (turn.length > 0 && spent + chart.cost > budget) continue
    spent += chart.cost
    turn.push(chart)
  }
  return turn
}

/** Return the running cost of a chart after one more drawing took `measured` ms. */
export function averageCost(before, measured) {
  return before * 0.8 + measured * 0.2
}
