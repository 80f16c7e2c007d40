// The numbers of a chart as a table, for whoever cannot or does not want to look at a curve.

import { make } from "../dom.js"

/**
 * Fill an element with a table.
 *
 * @param {HTMLElement} place
 * @param {{head: string[], body: string[][]}} rows the first cell of each row names the row
 */
export function fillTable(place, { head, body }) {
  const columns = make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, text)))
  const lines = body.map(([first, ...cells]) =>
    make("tr", {}, make("th", { scope: "row" }, first), ...cells.map((text) => make("td", {}, text))),
  )
  place.replaceChildren(make("table", {}, make("thead", {}, columns), make("tbody", {}, ...lines)))
}
