// The page of all lessons: marks what this browser has done of each.

import { part, say } from "../dom.js"
import { markOf, recall } from "../lessons/memory.js"
import { t } from "../texts.js"

let landed = 0
for (const card of document.querySelectorAll(".lesson-card")) {
  const mark = markOf(recall(card.dataset.lesson))
  landed += mark === "landed"
  if (!mark) continue
  const chip = part(card, "mark")
  chip.dataset.status = mark
  chip.hidden = false
  say(chip, t(`lessons.mark.${mark}`))
}
const count = document.querySelector("[data-part=count]")
say(count, t("lessons.count", { n: landed, all: Number(count.dataset.all) }))
