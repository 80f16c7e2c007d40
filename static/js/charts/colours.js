// The looks of series: the colours of the present theme, read from the CSS tokens as every canvas understands them; dashes.

// what stands in when a token is missing: a page without the style sheet still shows a chart
const TOKENS = {
  surface: ["--surface", "light-dark(#ffffff, #1a1d23)"],
  text: ["--text", "light-dark(#1d2129, #e8eaee)"],
  muted: ["--text-muted", "light-dark(#5d6570, #a3abb8)"],
  line: ["--line", "light-dark(#e0e3e8, #363c47)"],
  accent: ["--accent", "light-dark(#2f5fd0, #8fb0ff)"],
  good: ["--good", "light-dark(#1b7f5a, #5fcf9f)"],
  bad: ["--bad", "light-dark(#c0392b, #ff8a7a)"],
}
const SERIES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#8a6bd1", "#7a7f87"]
const RAMP = ["#440154", "#3b528b", "#21918c", "#5ec962", "#b8860b"]
const HEAT = ["light-dark(#f6f8fb, #1b2230)", "#9ecae1", "#4292c6", "#2171b5", "light-dark(#08306b, #deebf7)"]

// colour is never alone: each series has its own dash too (pixels on, off, ...)
export const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2], [12, 3, 2, 3, 2, 3], [4, 4], [14, 4]]

/** How many colours there are along the ramp; a line's `colour` is 0 to 7, or SERIES_COUNT and more for one of these. */
export const SERIES_COUNT = SERIES.length
export const RAMP_COUNT = 25

/** Return the colour of a line among those that `readColours` gave. */
export function paintOf({ series, ramp }, colour) {
  return colour < SERIES_COUNT ? series[colour] : ramp[colour - SERIES_COUNT]
}

/** Return the colour of a line as CSS has it. */
export function cssOf(colour) {
  if (colour < SERIES_COUNT) return `var(--series-${colour + 1})`
  const along = ((colour - SERIES_COUNT) / (RAMP_COUNT - 1)) * (RAMP.length - 1)
  const from = Math.min(Math.floor(along), RAMP.length - 2)
  const stop = (at) => `var(--ramp-${at + 1}, ${RAMP[at]})`
  return `color-mix(in oklab, ${stop(from)} ${Math.round(100 * (1 - along + from))}%, ${stop(from + 1)})`
}

/**
 * Return the colours of the page, each "rgb(r, g, b)"; `heat` as [r, g, b] stops from empty to densest.
 *
 * A token may be written in oklch or light-dark: the browser resolves it on an element and paints it on one pixel.
 *
 * @returns {{surface: string, text: string, muted: string, line: string, accent: string, good: string, bad: string,
 *   series: string[], ramp: string[], heat: number[][]}}
 */
export function readColours(root = document.documentElement) {
  const probe = root.appendChild(document.createElement("span"))
  probe.hidden = true
  const canvas = document.createElement("canvas")
  canvas.width = canvas.height = 1
  const pen = canvas.getContext("2d", { willReadFrequently: true })
  const bytes = (css) => {
    probe.style.color = css
    pen.fillStyle = getComputedStyle(probe).color
    pen.fillRect(0, 0, 1, 1)
    return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)]
  }
  const colour = (css) => `rgb(${bytes(css).join(", ")})`
  const colours = Object.fromEntries(Object.entries(TOKENS).map(([name, [token, fallback]]) => [name, colour(`var(${token}, ${fallback})`)]))
  colours.series = SERIES.map((fallback, index) => colour(`var(--series-${index + 1}, ${fallback})`))
  colours.ramp = Array.from({ length: RAMP_COUNT }, (_, index) => colour(cssOf(SERIES_COUNT + index)))
  colours.heat = HEAT.map((fallback, index) => bytes(`var(--heat-${index}, ${fallback})`))
  probe.remove()
  return colours
}
