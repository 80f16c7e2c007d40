// <run-notice> says what is the matter with a run that does not train: its place in the queue, why it failed, what to do.
// <run-chip> says its status in a word.

import { make, say } from "../dom.js"
import { percent, short } from "../numbers.js"
import { t } from "../texts.js"

const AS_PLANNED = "completed"
const KINDS = { failed: "bad", interrupted: "warn", queued: "info" }

export class RunNoticeElement extends HTMLElement {
  set store(store) {
    for (const type of ["snapshot", "status"]) store.addEventListener(type, () => this.#show(store.status ?? {}, store.state))
  }

  #show({ name, reason, hint, position }, state) {
    const why = reason || state?.ended?.reason
    const lines = [this.#title(name, position, state), why === AS_PLANNED ? "" : why, hint || state?.ended?.hint, tested(state)].filter(Boolean)
    const shown = (name in KINDS || name === "stopped" || name === "finished") && lines.length > 0
    const key = JSON.stringify([name, lines])
    if (this.dataset.key === key) return
    this.dataset.key = key
    this.replaceChildren()
    if (!shown) return
    const [title, ...rest] = lines
    const box = make("div", { class: "notice", "data-kind": KINDS[name] ?? "good" }, make("b", {}, title), ...rest.map((line) => make("p", {}, line)))
    if (name === "failed") box.append(make("p", {}, make("a", { href: `/new?from=${document.body.dataset.run}` }, t("run.again"))))
    this.append(box)
  }

  #title(name, position, state) {
    if (name === "queued") return t("notice.queued", { n: position ?? 1 })
    return t(`notice.${name}`, { step: state?.step ?? 0 })
  }
}

/** Return how a finished run did on the part that was kept for the end, in a sentence. */
function tested(state) {
  if (state?.ended?.kind !== "finished") return ""
  const metrics = Object.entries(state.metrics).filter(([name, value]) => name.startsWith("test.") && typeof value === "number")
  const said = metrics.map(([name, value]) => `${name.slice(5)} ${name.endsWith("accuracy") ? percent(value) : short(value)}`)
  return said.length ? t("notice.test", { metrics: said.join(" · ") }) : ""
}

export class RunChipElement extends HTMLElement {
  set store(store) {
    const chip = this.querySelector(".chip")
    const show = () => {
      if (!store.status) return
      chip.dataset.status = store.status.name
      say(chip, t(`status.${store.status.name}`))
    }
    for (const type of ["snapshot", "status"]) store.addEventListener(type, show)
  }
}

customElements.define("run-notice", RunNoticeElement)
customElements.define("run-chip", RunChipElement)
