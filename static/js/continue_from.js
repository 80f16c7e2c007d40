// "Continue from here": says what will become of the run, and asks for it.

import { ask } from "./api.js"
import { complain } from "./complain.js"
import { openDialog } from "./dialogs.js"
import { make } from "./dom.js"
import { count, t } from "./texts.js"

/**
 * Let a run go on from one of its checkpoints, once that was confirmed.
 *
 * @param {string} run
 * @param {{id: string, step: number}} checkpoint
 * @param {number} last newest step of the run
 */
export async function continueFrom(run, { id, step }, last) {
  const lines = [t("continue.back", { step, last }), last > step ? t("continue.ghost") : "", t("continue.knobs")]
  const answer = await openDialog({
    title: t("continue.title", { step: count(step) }),
    body: [make("ul", { class: "what-happens" }, ...lines.filter(Boolean).map((line) => make("li", {}, line)))],
    buttons: [{ value: "", label: t("cancel") }, { value: "go", label: t("continue.go"), primary: true }],
  })
  if (answer !== "go") return
  try {
    await ask("POST", `/api/runs/${run}/checkpoints/${encodeURIComponent(id)}/continue`)
  } catch (problem) {
    complain(problem)
  }
}
