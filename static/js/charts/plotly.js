// The only door to Plotly: loaded when first needed, from this server, and told never to talk to any other.

import { painter } from "./painter.js"

// plotly.js 4 has a "share" button that posts the chart to a cloud, by default: off, with the address it would use
export const CONFIG = Object.freeze({ showSendToCloud: false, plotlyServerURL: "", displaylogo: false, responsive: true })

let loading = null

/** Return Plotly; the first call loads it (5 MB, a second or two of script). */
export function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    if (globalThis.Plotly) return resolve(globalThis.Plotly)
    const script = document.createElement("script")
    script.src = document.documentElement.dataset.plotly || "/-/plotly.min.js"
    script.addEventListener("load", () => resolve(globalThis.Plotly))
    script.addEventListener("error", () => {
      loading = null // the next who asks tries again
      script.remove()
      reject(new Error(`Plotly did not load from ${script.src}`))
    })
    document.head.append(script)
  })
  return loading
}

/**
 * Draw a figure, or draw it again with the zoom kept.
 *
 * @param {HTMLElement} place
 * @param {{traces: object[], layout: object}} figure
 * @param {string} label what it shows, for those who do not see it
 */
export async function drawPlotly(place, { traces, layout }, label) {
  const Plotly = await loadPlotly()
  await Plotly.react(place, traces, themed(layout), { ...CONFIG })
  const picture = place.querySelector(".main-svg")
  picture?.setAttribute("role", "img")
  picture?.setAttribute("aria-label", label)
}

/** Let go of what Plotly holds for a place. */
export function clearPlotly(place) {
  globalThis.Plotly?.purge(place)
}

function themed(layout) {
  const { surface, text, muted, line, series } = painter.colours
  const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, tickcolor: muted, tickmode: "auto", automargin: true }
  const axes = Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))
  return {
    paper_bgcolor: surface,
    plot_bgcolor: surface,
    font: { color: text, family: getComputedStyle(document.body).fontFamily, size: 13 },
    colorway: series,
    hoverlabel: { bgcolor: surface, bordercolor: line, font: { color: text } },
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
    margin: { l: 64, r: 24, t: 24, b: 48 },
    hovermode: "x unified",
    uirevision: "kept",
    ...layout,
    ...Object.fromEntries(["xaxis", "yaxis", ...axes].map((key) => [key, { ...axis, ...layout[key] }])),
  }
}
