// The page of all lessons: marks what this browser has done of each, and finds among them.

import { part, say } from "../dom.js"
import { isFound } from "../lessons/finding.js"
import { markOf, recall } from "../lessons/memory.js"
import { t } from "../texts.js"

const cards = [...document.querySelectorAll(".lesson-card")]
const find = part(document, "find")
const openOnly = part(document, "open-only")

let landed = 0
for (const card of cards) {
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

/** Show what is looked for; a topic of which nothing is left goes too. */
function show() {
  const seen = cards.filter((card) => {
    const isOpen = part(card, "mark").dataset.status !== "landed"
    card.hidden = !isFound(`${card.textContent} ${card.dataset.words}`, find.value) || (openOnly.checked && !isOpen)
    return !card.hidden
  })
  for (const section of document.querySelectorAll(".lessons > section")) section.hidden = !section.querySelector(".lesson-card:not([hidden])")
  for (const item of document.querySelectorAll(".lessons-topics li")) item.hidden = document.querySelector(item.firstElementChild.hash).closest("section").hidden
  const none = part(document, "none")
  none.hidden = seen.length > 0
  say(none, seen.length ? "" : t("lessons.find.none"))
}

find.addEventListener("input", show)
openOnly.addEventListener("change", show)
if (find.value || openOnly.checked) show() // as the browser brought them back
