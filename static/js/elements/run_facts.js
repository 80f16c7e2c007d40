// <cost-panel> says what instruments cost; <save-list> lists the checkpoints.

import { make } from "../dom.js"
import { bytes, percent, short } from "../numbers.js"
import { count, language, t } from "../texts.js"

const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit" })

export class CostPanelElement extends HTMLElement {
  set store(store) {
    const show = () => store.state?.overhead && this.#show(store.state)
    for (const type of ["snapshot", "numbers", "event"]) store.addEventListener(type, show)
  }

  #show({ overhead, knobs }) {
    const budget = knobs?.training?.budget?.value
    const probes = Object.entries(overhead.probes ?? {}).sort(([, a], [, b]) => b - a)
    const most = Math.max(...probes.map(([, seconds]) => seconds), 1e-9)
    this.replaceChildren(
      make("p", {},
        make("b", { class: "share" }, percent(overhead.share, 2)), " ",
        make("span", { class: "muted" }, typeof budget === "number" ? t("cost.of", { budget: percent(budget) }) : "")),
      make("ul", { class: "bars" }, ...probes.map(([name, seconds]) =>
        make("li", {}, make("span", {}, name.replaceAll("_", " ")),
          make("meter", { min: 0, max: most, value: seconds, "aria-label": name }),
          make("span", { class: "muted" }, t("cost.ms", { value: short(seconds * 1000, 2) }))))),
      make("p", { class: "muted small" }, t("cost.help")))
  }
}

export class SaveListElement extends HTMLElement {
  #shown = -1

  set store(store) {
    const show = () => this.#show(store.state?.checkpoints ?? [])
    store.addEventListener("snapshot", show)
    store.addEventListener("event", show)
  }

  #show(saves) {
    const key = saves.length ? saves.at(-1).time : 0
    if (!saves.length || key === this.#shown) return
    this.#shown = key
    this.replaceChildren(make("ul", { class: "saves" }, ...[...saves].reverse().slice(0, 50).map(({ step, name, path, size, time, sha256 }) =>
      make("li", {}, make("b", {}, t("saves.step", { step: count(step) })), make("span", { title: `${path}\nsha256 ${sha256}` }, name || path),
        make("span", { class: "muted" }, bytes(size)), make("time", { class: "muted" }, time ? clock.format(new Date(time * 1000)) : "")))))
  }
}

customElements.define("cost-panel", CostPanelElement)
customElements.define("save-list", SaveListElement)
