// Bias and variance: the numbers, and where they lie in the picture of four quadrants.

import { make, part, say } from "../dom.js"
import { percent, short } from "../numbers.js"
import { t } from "../texts.js"

const [LEFT, TOP, SIZE] = [15, 4, 101] // of the picture's frame, as templates/_diagnosis.html draws it

/** Return where a value lies between 0 and 1: `high` in the middle, however large the value. */
export function placeOf(value, high) {
  const over = Math.max(0, value)
  return over / (over + high)
}

/** Show a balance, as app/diagnosis/__init__.py describes it, in the parts of an element. */
export function showBalance(element, balance) {
  const { metric, level, high, bias, variance, quadrant } = balance
  showLevel(element, metric, level)
  const picture = part(element, "quadrant")
  const dot = picture.querySelector("circle")
  dot.toggleAttribute("hidden", quadrant === undefined)
  if (quadrant === undefined) {
    say(part(element, "quadrant-says"), t(metric ? "diagnosis.balance.early" : "diagnosis.balance.none"))
    part(element, "numbers").replaceChildren()
    return
  }
  dot.setAttribute("cx", (LEFT + SIZE * placeOf(bias, high)).toFixed(1))
  dot.setAttribute("cy", (TOP + SIZE * (1 - placeOf(variance, high))).toFixed(1))
  picture.dataset.quadrant = quadrant
  const told = t(`diagnosis.balance.${quadrant}`)
  picture.setAttribute("aria-label", told)
  say(part(element, "quadrant-says"), told)
  showNumbers(part(element, "numbers"), balance)
}

function showNumbers(list, { metric, level, best, train, validation, bias, variance, spread }) {
  const shown = (share) => (metric === "accuracy" ? percent(share) : percent(share, 0))
  const rows = [
    [t(level === null ? "diagnosis.error.assumed" : "diagnosis.error.best"), shown(best)],
    [t("diagnosis.error.train"), shown(train)],
    [t("diagnosis.error.validation"), spread ? `${shown(validation)} ± ${short(spread * 100, 2)}` : shown(validation)],
    [t("diagnosis.bias"), shown(bias), "sum"],
    [t("diagnosis.variance"), shown(variance), "sum"],
  ]
  if (list.children.length !== rows.length) list.replaceChildren(...rows.map(([, , kind]) => make("div", { "data-kind": kind }, make("dt", {}), make("dd", {}))))
  rows.forEach(([name, value], place) => {
    const [term, said] = list.children[place].children
    say(term, name)
    say(said, value)
  })
}

function showLevel(element, metric, level) {
  const form = part(element, "level")
  const input = form.querySelector("input")
  form.hidden = !metric
  say(part(element, "level-unit"), metric === "accuracy" ? "%" : "RMSE")
  const text = level === null ? "" : metric === "accuracy" ? String(Number((level * 100).toPrecision(6))) : String(level)
  // what is being typed stays; what somebody else has set is shown
  if (document.activeElement === input || input.dataset.known === text) return
  input.dataset.known = text
  input.value = text
}
