// What was refused, in a sentence: for a toast, or wherever else a page has room for it.

import { toast } from "./dom.js"
import { said } from "./said.js"
import { t } from "./texts.js"

/** Return what a problem says: what is wrong and what to do. */
export function sentenceOf(problem) {
  if (problem.title === "offline") return t("offline")
  return [problem.detail || problem.title, problem.hint].filter(Boolean).map(said).join(" ") || String(problem)
}

/** Show a problem at the edge of the page. */
export function complain(problem) {
  toast(sentenceOf(problem), { kind: "bad" })
}
