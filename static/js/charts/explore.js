// A chart in full: a dialog in which Plotly draws what the small chart shows, to zoom and read at leisure.

import { make } from "../dom.js"
import { t } from "../texts.js"
import { clearPlotly, drawPlotly } from "./plotly.js"

/** Open a chart in a dialog; closing it gives everything back. */
export async function explore(chart) {
  const place = make("div", { class: "chart-explore-plot" })
  const note = make("p", { class: "chart-note", role: "status" }, t("charts.loading_plotly"))
  const again = make("button", { type: "button" }, t("charts.refresh"))
  const close = make("button", { type: "button", autofocus: true }, t("charts.close"))
  const head = make("div", { class: "chart-head" }, make("h2", { class: "chart-title" }, chart.chartTitle), again, close)
  const dialog = make("dialog", { class: "chart-explore", "aria-label": chart.chartTitle }, head, place, note)
  const show = async () => {
    try {
      await drawPlotly(place, await chart.plotlyFigure(), chart.spoken(null))
      note.textContent = t("charts.explore_help")
    } catch (error) {
      note.textContent = t("charts.no_plotly", { reason: error.message })
    }
  }
  close.addEventListener("click", () => dialog.close())
  again.addEventListener("click", show)
  document.addEventListener("theme", show)
  dialog.addEventListener("close", () => {
    document.removeEventListener("theme", show)
    clearPlotly(place)
    dialog.remove()
  })
  document.body.append(dialog)
  dialog.showModal()
  await show()
}
