// A dialog that asks or shows something, and says by which button it was left.

import { make } from "./dom.js"

let lastId = 0

/**
 * Open a dialog; resolve to the value of the button that closed it, or to "" after Escape.
 *
 * @param {{title: string, body: (Node|string)[], buttons: {value: string, label: string, primary?: boolean}[], wide?: boolean}} what
 * @returns {Promise<string>}
 */
export function openDialog({ title, body, buttons, wide = false }) {
  const id = `dialog-${++lastId}`
  const row = buttons.map(({ value, label, primary }) => make("button", { value, class: primary ? "primary" : "quiet" }, label))
  const form = make("form", { method: "dialog" }, make("h2", { id }, title), ...body, make("div", { class: "row end" }, ...row))
  const dialog = make("dialog", { "aria-labelledby": id, class: wide && "wide" }, form)
  document.body.append(dialog)
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove()
      resolve(dialog.returnValue)
    })
    dialog.showModal()
  })
}
