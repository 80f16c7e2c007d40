// Contour lines of heights on a grid, at levels that stand apart by the same factor. Pure.
//
// heights: row by row from the lowest y, `columns` a row; a grid place is (column, row), from 0.

/** @typedef {{heights: Float32Array, rows: number, columns: number}} Grid */

const LEVELS = 9
const OF_SADDLE = 4 // up, and as many down
const STEPS = [1, 3] // of each decade

/**
 * Return the levels to draw: powers of about a half decade over the lowest point, the highest of them on the grid.
 *
 * @param {Grid} grid
 * @param {number} base height of the lowest point; of a saddle, from which levels then go up and down
 * @param {boolean} [isSaddle]
 * @returns {number[]} ascending
 */
export function levelsOf({ heights }, base, isSaddle = false) {
  let top = 0
  for (const height of heights) top = Math.max(top, isSaddle ? Math.abs(height - base) : height - base)
  const above = []
  for (let power = Math.floor(Math.log10(top)); above.length < LEVELS; power--) {
    for (const step of STEPS.toReversed()) {
      const level = step * 10 ** power
      if (level < top && above.length < LEVELS) above.unshift(level)
    }
  }
  if (!isSaddle) return above.map((level) => base + level)
  const half = above.slice(-OF_SADDLE)
  return [...half.toReversed().map((level) => base - level), base, ...half.map((level) => base + level)]
}

/**
 * Return the pieces of a contour line, in grid places: [x, y, x, y, ...], two points a piece.
 *
 * Each cell of four heights gives none, one or two pieces, where the level lies between neighbours (marching squares).
 *
 * @param {Grid} grid
 * @param {number} level
 */
export function contour({ heights, rows, columns }, level) {
  const pieces = []
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column
      // from the lower left corner, counterclockwise
      const corners = [heights[at], heights[at + 1], heights[at + columns + 1], heights[at + columns]]
      const crossed = []
      for (let side = 0; side < 4; side++) {
        const [from, to] = [corners[side], corners[(side + 1) % 4]]
        if (from < level !== to < level) crossed.push(onSide(side, (level - from) / (to - from), column, row))
      }
      if (crossed.length === 4) {
        // a saddle in the cell: which corners belong together is the middle's to say
        const middle = (corners[0] + corners[1] + corners[2] + corners[3]) / 4
        const isSame = middle < level === corners[0] < level
        const order = isSame ? [0, 1, 2, 3] : [3, 0, 1, 2]
        for (const side of order) pieces.push(...crossed[side])
      } else if (crossed.length === 2) pieces.push(...crossed[0], ...crossed[1])
    }
  }
  return pieces
}

function onSide(side, share, column, row) {
  if (side === 0) return [column + share, row]
  if (side === 1) return [column + 1, row + share]
  if (side === 2) return [column + 1 - share, row + 1]
  return [column, row + 1 - share]
}

/** Return float32 heights from base64. */
export function decode(text) {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))
  return new Float32Array(bytes.buffer)
}
