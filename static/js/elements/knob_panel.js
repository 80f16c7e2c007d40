// <knob-panel> tells each knob in it what is so, and what the trainer answered. In a narrow window it is a drawer.

import { part, say } from "../dom.js"
import { t } from "../texts.js"

const TRAINS = new Set(["starting", "running", "paused", "stalled", "resuming"])
const ENDED = new Set(["finished", "stopped", "failed"])

export class KnobPanelElement extends HTMLElement {
  #store = null
  #listen = () => this.#turnDrawer(!this.hasAttribute("data-open"))

  connectedCallback() {
    document.addEventListener("knobs", this.#listen)
    this.addEventListener("click", ({ target }) => "knobsClose" in (target.dataset ?? {}) && this.#turnDrawer(false))
    this.addEventListener("keydown", ({ key }) => key === "Escape" && this.#turnDrawer(false))
  }

  disconnectedCallback() {
    document.removeEventListener("knobs", this.#listen)
  }

  set store(store) {
    this.#store = store
    store.addEventListener("snapshot", () => {
      // what was answered while the connection was lost came with the snapshot, and not as an event
      for (const one of this.#controls) one.asking.seek(store.state.log)
      this.#showAll()
    })
    store.addEventListener("status", () => this.#showStill())
    store.addEventListener("event", ({ detail }) => this.#hear(detail))
  }

  get #controls() {
    return this.querySelectorAll("live-knob, live-swap")
  }

  #hear(event) {
    if (event.type === "started") return this.#showAll()
    if (event.type !== "changed" && event.type !== "rejected") return
    if (event.field === "name" || (event.type === "rejected" && !event.field)) {
      for (const swap of this.querySelectorAll("live-swap")) if (swap.target === event.target) swap.answer(event)
      if (event.type === "changed") this.#showAll()
    }
    for (const knob of this.querySelectorAll("live-knob")) {
      if (knob.target === event.target && knob.field === event.field && (knob.asking.pending || !knob.closest("[data-variant][hidden]"))) knob.answer(event)
    }
    if (event.field === "enabled") this.#showSwitches()
  }

  #showAll() {
    const knobs = this.#store.state?.knobs ?? {}
    const { layers } = this.#store.state?.plan ?? {}
    if (layers) for (const one of this.querySelectorAll("layer-numbers")) one.layers = layers
    for (const swap of this.querySelectorAll("live-swap")) {
      const name = knobs[swap.target]?.name?.value ?? this.#store.state?.spec?.[swap.target]?.name
      if (name) swap.known = name.name ?? name
      swap.plan = this.#store.state?.plan
    }
    for (const knob of this.querySelectorAll("live-knob")) {
      if (knob.closest("live-swap > [hidden]")) continue
      const known = knobs[knob.target]?.[knob.field]
      if (known) knob.known = known
    }
    this.#showSwitches()
    this.#showStill()
  }

  #showSwitches() {
    const knobs = this.#store.state?.knobs ?? {}
    for (const one of this.querySelectorAll("knob-switch")) one.on = knobs[one.dataset.target]?.enabled?.value === true
  }

  #showStill() {
    const status = this.#store.status?.name
    const still = !TRAINS.has(status)
    const past = part(this, "past")
    past.hidden = !still
    say(past, t(ENDED.has(status) ? "knobs.past" : "knobs.later"))
    for (const one of this.#controls) {
      one.still = still
      one.asking.ended = ENDED.has(status)
    }
  }

  #turnDrawer(open) {
    this.toggleAttribute("data-open", open)
    document.querySelector("[data-knobs]")?.setAttribute("aria-expanded", String(open))
    if (open) this.focus({ preventScroll: true })
    else if (this.contains(document.activeElement)) document.querySelector("[data-knobs]")?.focus({ preventScroll: true })
  }
}

customElements.define("knob-panel", KnobPanelElement)
