// Where a trainer that does not move stands: the stacks of its threads, in a dialog.

import { ask } from "./api.js"
import { sentenceOf } from "./complain.js"
import { openDialog } from "./dialogs.js"
import { make, toast } from "./dom.js"
import { t } from "./texts.js"

/** Ask for a run's stacks and show them; "again" asks once more. */
export async function showStacks(run) {
  let answer
  do {
    const text = await stacksOf(run)
    const shown = make("pre", { tabindex: 0, class: "stacks", "aria-label": t("stacks.title") }, text)
    answer = await openDialog({
      title: t("stacks.title"),
      body: [make("p", { class: "muted small" }, t("stacks.help")), shown],
      buttons: [
        { value: "copy", label: t("stacks.copy") },
        { value: "again", label: t("stacks.again") },
        { value: "", label: t("close"), primary: true },
      ],
      wide: true,
    })
    if (answer === "copy") await copy(text)
  } while (answer === "again")
}

async function stacksOf(run) {
  try {
    return (await ask("POST", `/api/runs/${run}/stacks`)).text
  } catch (problem) {
    return sentenceOf(problem)
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    toast(t("copied"))
  } catch {
    toast(t("copy.refused"), { kind: "bad" })
  }
}
