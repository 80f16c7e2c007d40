// <cost-panel> says what instruments cost.

import { make } from "../dom.js"
import { percent, short } from "../numbers.js"
import { t } from "../texts.js"

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

customElements.define("cost-panel", CostPanelElement)
