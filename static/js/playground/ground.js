// Draws the ground of a picture: heights as shades, contour lines with their heights, and where it is level.

import { formatTick } from "../charts/format.js"
import { contour, decode, levelsOf } from "./contours.js"

const SHADE = 0.4 // of the full colours: paths lie over it

/** A surface made ready to be drawn: {window, grid, levels, lines}. Worked out once for each surface. */
export function groundOf({ window, shape: [rows, columns], heights, lowest: base, centres, curvatures }) {
  const grid = { heights: decode(heights), rows, columns }
  const isSaddle = curvatures[0] < 0
  const levels = levelsOf(grid, base, isSaddle)
  return { window, grid, levels, base, isSaddle, centres, lines: levels.map((level) => contour(grid, level)), shades: null }
}

/** Draw it: shades first, lines over them, and a cross where it is level. */
export function drawGround(pen, plane, ground) {
  const { width, height } = plane.size
  ground.shades = shaded(ground, plane.colours)
  const toPixels = plane.toPixels
  const [left, right, low, high] = ground.window
  const [x0, y1] = toPixels([left, low])
  const [x1, y0] = toPixels([right, high])
  pen.save()
  pen.globalAlpha = SHADE
  pen.imageSmoothingQuality = "high"
  pen.drawImage(ground.shades, x0, y0, x1 - x0, y1 - y0)
  pen.restore()
  const across = (place) => x0 + (place / (ground.grid.columns - 1)) * (x1 - x0)
  const down = (place) => y1 - (place / (ground.grid.rows - 1)) * (y1 - y0)
  pen.lineWidth = 1
  ground.lines.forEach((pieces, index) => {
    pen.strokeStyle = plane.colours.muted
    pen.globalAlpha = index % 2 ? 0.34 : 0.6
    pen.beginPath()
    for (let at = 0; at < pieces.length; at += 4) {
      pen.moveTo(across(pieces[at]), down(pieces[at + 1]))
      pen.lineTo(across(pieces[at + 2]), down(pieces[at + 3]))
    }
    pen.stroke()
  })
  pen.globalAlpha = 1
  writeHeights(pen, plane, ground, (pieces) => labelPlace(pieces, across, down, { width, height }))
  for (const centre of ground.centres) cross(pen, toPixels(centre), plane.colours.text)
}

/** Where a level's height is written: where its line is nearest to a ray from the middle to the upper right. */
function labelPlace(pieces, across, down, { width, height }) {
  let best = null
  let nearest = 12
  for (let at = 0; at < pieces.length; at += 4) {
    const x = (across(pieces[at]) + across(pieces[at + 2])) / 2
    const y = (down(pieces[at + 1]) + down(pieces[at + 3])) / 2
    if (x < width / 2 || x > width - 26 || y < 12 || y > height - 12) continue
    const away = Math.abs(y / height + x / width - 1) * Math.min(width, height)
    if (away < nearest) [best, nearest] = [[x, y], away]
  }
  return best
}

function writeHeights(pen, plane, { lines, levels }, placeOf) {
  pen.font = `11px ${getComputedStyle(plane.canvas).fontFamily}`
  pen.textAlign = "center"
  pen.textBaseline = "middle"
  const taken = []
  lines.forEach((pieces, index) => {
    const place = placeOf(pieces)
    if (!place || taken.some(([x, y]) => Math.hypot(x - place[0], y - place[1]) < 34)) return
    taken.push(place)
    const text = formatTick(Number(levels[index].toPrecision(3)))
    pen.lineWidth = 4
    pen.lineJoin = "round"
    pen.strokeStyle = plane.colours.surface
    pen.strokeText(text, ...place)
    pen.fillStyle = plane.colours.muted
    pen.fillText(text, ...place)
  })
}

function cross(pen, [x, y], colour) {
  pen.strokeStyle = colour
  pen.lineWidth = 1.5
  pen.beginPath()
  for (const [dx, dy] of [[5, 5], [5, -5]]) {
    pen.moveTo(x - dx, y - dy)
    pen.lineTo(x + dx, y + dy)
  }
  pen.stroke()
}

/** A small image of the heights, a pixel for each place of the grid: the same shade a factor of heights apart. */
function shaded({ grid, levels, base, isSaddle, shades }, { heat, surface }) {
  const key = JSON.stringify([heat, surface])
  if (shades?.dataset.key === key) return shades
  const { heights, rows, columns } = grid
  const image = Object.assign(document.createElement("canvas"), { width: columns, height: rows })
  image.dataset.key = key
  const pen = image.getContext("2d")
  const pixels = pen.createImageData(columns, rows)
  const [first, last] = isSaddle ? [levels[0], levels.at(-1)] : [Math.log(levels[0] - base), Math.log(levels.at(-1) - base)]
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = heights[row * columns + column]
      const share = ((isSaddle ? value : Math.log(Math.max(value - base, 1e-30))) - first) / (last - first)
      const at = ((rows - 1 - row) * columns + column) * 4
      pixels.data.set([...mixed(heat, Math.min(1, Math.max(0, share)) * 0.8), 255], at)
    }
  }
  pen.putImageData(pixels, 0, 0)
  return image
}

function mixed(stops, share) {
  const at = share * (stops.length - 1)
  const from = Math.min(stops.length - 2, Math.floor(at))
  return stops[from].map((one, index) => Math.round(one + (stops[from + 1][index] - one) * (at - from)))
}
