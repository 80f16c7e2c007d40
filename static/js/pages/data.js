// The page of all data sets: bring one in, delete one.

import "../elements/upload_box.js"
import { ask } from "../api.js"
import { complain } from "../complain.js"
import { part, say, toast } from "../dom.js"
import { t } from "../texts.js"

const page = document.querySelector(".data-page")
const sure = part(page, "sure")
let meant = null

part(page, "kept")?.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-delete]")
  if (!button) return
  meant = button.closest("li")
  say(part(page, "sure-name"), meant.querySelector("h3").textContent)
  sure.showModal()
})

sure.addEventListener("close", async () => {
  const chosen = sure.returnValue
  sure.returnValue = ""
  if (chosen !== "delete" || !meant) return
  try {
    await ask("DELETE", `/api/datasets/${meant.dataset.id}`)
    toast(t("data.deleted", { name: meant.querySelector("h3").textContent }))
    const list = part(page, "kept")
    meant.remove()
    if (!list.children.length) list.replaceWith(Object.assign(document.createElement("p"), { className: "muted nothing", textContent: t("data.own.none") }))
  } catch (error) {
    complain(error)
  }
})
