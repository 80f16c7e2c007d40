// A pen that writes an SVG: it has the verbs of a 2-D canvas that the charts use, so one drawing serves both. Pure.

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }

/** Return text that is safe in an SVG, in content and in attributes. */
export function escapeXml(text) {
  return String(text).replace(/[&<>"]/g, (sign) => escapes[sign])
}

export class SvgPen {
  #size
  #parts = []
  #path = []
  #dash = []
  #clips = 0
  #open = [0] // groups opened since each save
  #kept = []

  strokeStyle = "#000"
  fillStyle = "#000"
  lineWidth = 1
  globalAlpha = 1
  lineJoin = "miter"
  font = "12px sans-serif"
  textAlign = "start"

  constructor(width, height) {
    this.#size = { width, height }
  }

  save() {
    const { strokeStyle, fillStyle, lineWidth, globalAlpha, lineJoin, font, textAlign } = this
    this.#kept.push({ style: { strokeStyle, fillStyle, lineWidth, globalAlpha, lineJoin, font, textAlign }, dash: this.#dash })
    this.#open.push(0)
  }

  restore() {
    this.#parts.push("</g>".repeat(this.#open.pop()))
    const { style, dash } = this.#kept.pop()
    Object.assign(this, style)
    this.#dash = dash
  }

  translate(x, y) {
    this.#group(`transform="translate(${round(x)} ${round(y)})"`)
  }

  clip() {
    const id = `clip-${++this.#clips}`
    this.#parts.push(`<clipPath id="${id}"><path d="${this.#path.join("")}"/></clipPath>`)
    this.#group(`clip-path="url(#${id})"`)
  }

  beginPath() {
    this.#path = []
  }

  moveTo(x, y) {
    this.#path.push(`M${round(x)} ${round(y)}`)
  }

  lineTo(x, y) {
    this.#path.push(`${this.#path.length === 0 ? "M" : "L"}${round(x)} ${round(y)}`)
  }

  closePath() {
    this.#path.push("Z")
  }

  rect(x, y, width, height) {
    this.#path.push(`M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}Z`)
  }

  /** Whole circles only: nothing else is drawn. */
  arc(x, y, radius) {
    const wide = round(2 * radius)
    this.#path.push(`M${round(x - radius)} ${round(y)}a${radius} ${radius} 0 1 0 ${wide} 0a${radius} ${radius} 0 1 0 -${wide} 0`)
  }

  setLineDash(dash) {
    this.#dash = dash
  }

  stroke() {
    if (this.#path.length === 0) return
    const dash = this.#dash.length > 0 ? ` stroke-dasharray="${this.#dash.join(" ")}"` : ""
    const style = `fill="none" stroke="${escapeXml(this.strokeStyle)}" stroke-width="${this.lineWidth}" stroke-linejoin="${this.lineJoin}"`
    this.#parts.push(`<path d="${this.#path.join("")}" ${style}${dash}${this.#alpha("stroke")}/>`)
  }

  fill() {
    if (this.#path.length === 0) return
    this.#parts.push(`<path d="${this.#path.join("")}" fill="${escapeXml(this.fillStyle)}"${this.#alpha("fill")}/>`)
  }

  fillRect(x, y, width, height) {
    const box = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`
    this.#parts.push(`<rect ${box} fill="${escapeXml(this.fillStyle)}"${this.#alpha("fill")}/>`)
  }

  fillText(text, x, y) {
    const [, size, family] = this.font.match(/([\d.]+)px (.*)$/)
    const weight = this.font.match(/^(\d+) /)?.[1] ?? "400"
    const anchor = { start: "start", left: "start", center: "middle", end: "end", right: "end" }[this.textAlign]
    const style = `font-family="${escapeXml(family)}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}"`
    this.#parts.push(`<text x="${round(x)}" y="${round(y)}" ${style} fill="${escapeXml(this.fillStyle)}">${escapeXml(text)}</text>`)
  }

  drawImage(canvas, x, y, width, height) {
    const box = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`
    this.#parts.push(`<image ${box} preserveAspectRatio="none" href="${canvas.toDataURL("image/png")}"/>`)
  }

  /** Return the whole document. */
  toString() {
    const { width, height } = this.#size
    const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`
    return `${head}\n${this.#parts.join("\n")}\n${"</g>".repeat(this.#open[0])}</svg>\n`
  }

  #group(attribute) {
    this.#parts.push(`<g ${attribute}>`)
    this.#open[this.#open.length - 1]++
  }

  #alpha(what) {
    return this.globalAlpha < 1 ? ` ${what}-opacity="${round(this.globalAlpha)}"` : ""
  }
}

function round(value) {
  return Math.round(value * 100) / 100
}
