// <group-head> says how far all runs of a group are together, and asks all of them to stop, pause, go on, or go away.

import { ask } from "../api.js"
import { complain } from "../complain.js"
import { part, say, toast } from "../dom.js"
import { duration } from "../numbers.js"
import { t } from "../texts.js"
import { ENDED } from "./group_store.js"

const ORDER = ["running", "starting", "resuming", "stalled", "paused", "queued", "interrupted", "finished", "stopped", "failed"]

export class GroupHeadElement extends HTMLElement {
  #store = null

  connectedCallback() {
    this.group = this.dataset.group
    this.addEventListener("click", ({ target }) => {
      const what = target.closest("[data-ask]")?.dataset.ask
      if (what === "delete") this.#delete()
      else if (what) this.#ask(what)
    })
  }

  set store(store) {
    this.#store = store
    store.addEventListener("cards", () => this.#show())
    store.addEventListener("snapshot", () => this.#show())
  }

  #show() {
    const { progress, cards } = this.#store
    const { statuses, step, steps, eta_s } = progress
    const told = ORDER.filter((name) => statuses[name]).map((name) => t(`groups.count.${name}`, { n: statuses[name] }))
    const left = typeof eta_s === "number" ? duration(eta_s) : null
    say(part(this, "told"), [t("groups.runs", { n: cards.size }), ...told, left ? t(`eta.${left.unit}`, { n: left.n }) : ""].filter(Boolean).join(" \u00b7 "))
    const bar = part(this, "progress")
    bar.value = steps ? step / steps : 0
    say(part(this, "steps"), t("groups.steps", { step, steps }))
    const can = (what) => [...cards.values()].some(({ status }) => status.actions.includes(what))
    for (const what of ["stop", "pause", "resume", "restart"]) {
      const button = this.querySelector(`[data-ask=${what}]`)
      if (button) button.hidden = !can(what)
    }
    const bin = this.querySelector("[data-ask=delete]")
    if (!bin) return
    bin.disabled = ![...cards.values()].every(({ status }) => status.actions.includes("delete"))
    bin.title = bin.disabled ? t("groups.delete.not_yet") : ""
    this.toggleAttribute("data-ended", Object.keys(statuses).every((name) => ENDED.has(name)))
  }

  async #ask(what) {
    try {
      const { asked, refused } = await ask("POST", `/api/groups/${this.group}/${what}`)
      if (refused.length) toast(t("groups.refused", { n: refused.length, why: refused[0].reason }), { kind: "bad" })
      else if (!asked.length) toast(t("groups.nothing_to_ask"))
    } catch (error) {
      complain(error)
    }
  }

  async #delete() {
    try {
      await ask("DELETE", `/api/groups/${this.group}`)
      location.assign(`/?deleted_group=${this.group}`)
    } catch (error) {
      complain(error)
    }
  }
}

customElements.define("group-head", GroupHeadElement)
