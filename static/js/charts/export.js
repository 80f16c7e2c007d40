// A chart as a file: PNG and SVG with title, legend and labels, drawn by the code that draws the page; CSV of its numbers.

import { DASHES, paintOf } from "./colours.js"
import { formatStepTick, formatTick } from "./format.js"
import { newCanvas, painter } from "./painter.js"
import { RENDERERS } from "./renderers.js"
import { place } from "./scale.js"
import { SvgPen } from "./svg.js"

const SIZE = { width: 960, height: 480 }
const MARGIN = { left: 72, right: 24, top: 44, bottom: 36 }
const LEGEND_LINE = 22
const PNG_SCALE = 2
const FONT = "system-ui, sans-serif"

/** Download a chart as a PNG of twice the size, for sharp slides. */
export function savePng(chart) {
  const canvas = newCanvas(SIZE.width * PNG_SCALE, SIZE.height * PNG_SCALE)
  const pen = canvas.getContext("2d")
  pen.scale(PNG_SCALE, PNG_SCALE)
  drawFigure(pen, chart, PNG_SCALE)
  canvas.toBlob((blob) => download(blob, `${fileName(chart)}.png`), "image/png")
}

/** Download a chart as an SVG. */
export function saveSvg(chart) {
  const pen = new SvgPen(SIZE.width, SIZE.height)
  drawFigure(pen, chart, PNG_SCALE)
  download(new Blob([String(pen)], { type: "image/svg+xml" }), `${fileName(chart)}.svg`)
}

/** Download the numbers: every step from the server, or what the page has when the chart makes its own. */
export function saveCsv(chart) {
  if (chart.csv) download(new Blob([chart.csv()], { type: "text/csv" }), `${fileName(chart)}.csv`)
  else follow(chart.csvAddress, `${fileName(chart)}.csv`)
}

/** Draw title, legend, labels and chart with any pen. */
export function drawFigure(pen, chart, ratio) {
  const colours = painter.colours
  const entries = [...chart.legend, ...(chart.ghostLegend ?? [])]
  const lines = layLegend(entries)
  const top = MARGIN.top + lines.length * LEGEND_LINE
  const inner = { width: SIZE.width - MARGIN.left - MARGIN.right, height: SIZE.height - top - MARGIN.bottom }
  const scene = chart.sceneAt(inner, ratio)
  const { frame, draw } = RENDERERS[scene.kind]
  const view = frame(scene)
  pen.fillStyle = colours.surface
  pen.fillRect(0, 0, SIZE.width, SIZE.height)
  write(pen, chart.chartTitle, MARGIN.left, 28, { size: 17, weight: 600, colour: colours.text })
  lines.forEach((line, index) => drawLegendLine(pen, line, MARGIN.top + 8 + index * LEGEND_LINE, colours))
  pen.save()
  pen.translate(MARGIN.left, top)
  draw(pen, scene, view, { colours, canvas: newCanvas })
  pen.restore()
  const xFormat = view.stepAxis === "x" ? formatStepTick : (value) => formatTick(value, view.xStep)
  const yFormat = view.stepAxis === "y" ? formatStepTick : (value) => formatTick(value, view.yStep)
  for (const { value, label } of view.xTicks.filter(({ minor }) => !minor)) {
    write(pen, label ?? xFormat(value), MARGIN.left + place(view.x, value), top + inner.height + 20, { align: "center", colour: colours.muted })
  }
  for (const { value } of view.yTicks.filter(({ minor }) => !minor)) {
    write(pen, yFormat(value), MARGIN.left - 10, top + place(view.y, value) + 4, { align: "end", colour: colours.muted })
  }
}

/** Break a legend into lines that fit; a letter is taken to be 7 px wide. */
function layLegend(entries) {
  const lines = []
  let left = Infinity
  for (const entry of entries) {
    const wide = 46 + entry.label.length * 7
    if (left + wide > SIZE.width - MARGIN.right) {
      lines.push([])
      left = MARGIN.left
    }
    lines.at(-1).push({ ...entry, left })
    left += wide
  }
  return lines
}

function drawLegendLine(pen, line, y, colours) {
  for (const { label, left, colour, dash } of line) {
    pen.strokeStyle = paintOf(colours, colour)
    pen.lineWidth = 2
    pen.setLineDash(DASHES[dash])
    pen.beginPath()
    pen.moveTo(left, y)
    pen.lineTo(left + 24, y)
    pen.stroke()
    pen.setLineDash([])
    write(pen, label, left + 30, y + 4, { colour: colours.text })
  }
}

function write(pen, text, x, y, { size = 12, weight = 400, align = "start", colour }) {
  pen.font = `${weight} ${size}px ${FONT}`
  pen.textAlign = align
  pen.fillStyle = colour
  pen.fillText(text, x, y)
}

function fileName(chart) {
  return chart.chartTitle.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "chart"
}

function download(blob, name) {
  const address = URL.createObjectURL(blob)
  follow(address, name)
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}

function follow(address, name) {
  const link = document.createElement("a")
  link.href = address
  link.download = name
  link.click()
}
