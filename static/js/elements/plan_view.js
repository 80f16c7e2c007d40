// <plan-view> says what a run will be before it is one: steps, parameters, layers, and the loss with its reason.

import "./network_picture.js"
import { make, part } from "../dom.js"
import { bytes } from "../numbers.js"
import { said } from "../said.js"
import { count, t } from "../texts.js"

export class PlanViewElement extends HTMLElement {
  /** Show a plan and the complete spec it is of; null dims the last one: it no longer fits the form. */
  show(plan, spec) {
    this.toggleAttribute("data-stale", !plan)
    part(this, "wait")?.remove()
    if (!plan) return
    const open = this.querySelector("details")?.open ?? false
    part(this, "plan")?.remove()
    const parts = [
      this.#numbers(plan),
      this.#download(plan),
      this.#note(plan),
      this.#steps(plan, spec.training.batch_size),
      this.#problem(plan),
      this.#picture(plan, spec),
      this.#layers(plan, open),
    ]
    this.append(make("div", { "data-part": "plan", class: "stack" }, ...parts.filter(Boolean)))
  }

  set store(store) {
    let drawn = ""
    const show = () => {
      const { plan, spec, knobs } = store.state ?? {}
      if (!plan?.layers) return
      if (!part(this, "plan")) this.show(plan, spec)
      const dropout = Object.entries(knobs["regularizers.dropout"] ?? {}).map(([name, { value }]) => [name, value])
      if (drawn === (drawn = JSON.stringify(dropout))) return
      this.querySelector("network-picture").show(plan, Object.fromEntries(dropout))
    }
    store.addEventListener("snapshot", show)
    store.addEventListener("event", show)
  }

  #numbers(plan) {
    const fact = (key, value) => make("div", {}, make("dt", {}, t(key)), make("dd", {}, value))
    return make("dl", { class: "big-facts" },
      fact("plan.parameters", count(plan.parameters)),
      fact("plan.steps", count(plan.steps)),
      fact("plan.memory", bytes(plan.bytes)))
  }

  #download({ download }) {
    const told = download && t("plan.download", { title: download.title, size: bytes(download.bytes) })
    return told ? make("p", { class: "notice small", "data-kind": "info" }, told) : null
  }

  #note({ note }) {
    return note ? make("p", { class: "notice small", "data-kind": "warn" }, said(note)) : null
  }

  #steps(plan, batch) {
    const { train, validation, test } = plan.samples
    return make("div", { class: "small" },
      make("p", {}, t("plan.sum", { samples: train, batch, per: plan.steps_per_epoch, epochs: plan.epochs, steps: plan.steps })),
      make("p", { class: "muted" }, t("plan.split", { train, validation, test })))
  }

  #problem({ problem }) {
    const row = (key, value) => [make("dt", {}, t(key)), make("dd", {}, said(value))]
    return make("div", {},
      make("dl", { class: "pairs small" },
        ...row("plan.kind", problem.kind),
        ...row("plan.last", problem.last_activation),
        ...row("plan.loss", problem.loss),
        ...row("plan.metrics", problem.metrics.map(said).join(", "))),
      problem.why ? make("p", { class: "why small" }, said(problem.why)) : null)
  }

  #picture(plan, spec) {
    const picture = make("network-picture")
    picture.show(plan, spec.regularizers?.dropout)
    return make("div", { class: "scroll picture", tabindex: 0, role: "group", "aria-label": t("plan.drawn") }, picture)
  }

  #layers({ layers, input_shape }, open) {
    const head = ["plan.layer", "plan.shape", "plan.weights"].map((key) => make("th", { scope: "col" }, t(key)))
    const shape = (sizes) => (sizes ?? []).join(" × ")
    const row = (name, ...cells) =>
      make("tr", {}, make("th", { scope: "row" }, ...name), ...cells.map((cell) => make("td", {}, cell)))
    const sums = ({ formula, count: sum }) => [formula, sum].filter(Boolean).map((one) => make("span", { class: "formula" }, one))
    const rows = layers.map((step) =>
      row([step.name, make("span", { class: "muted" }, ` ${said(step.kind)}`), ...sums(step)], shape(step.shape), count(step.parameters)))
    const n = layers.filter(({ weight }) => weight).length
    return make("details", { open },
      make("summary", {}, t("plan.layers", { n })),
      make("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": t("plan.layers", { n }) },
        make("table", {},
          make("thead", {}, make("tr", {}, ...head)),
          make("tbody", {}, row([t("plan.input")], shape(input_shape), ""), ...rows))))
  }
}

customElements.define("plan-view", PlanViewElement)
