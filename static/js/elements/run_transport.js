// <run-transport> asks for pause, resume, step, stop and save, and says how far the run is.

import { part, say } from "../dom.js"
import { percent, short } from "../numbers.js"
import { count, t } from "../texts.js"

const LOOK_MS = 200
const LATE_S = 5
const WAIT_S = 1 // for the first number
const MOVES = new Set(["running", "resuming"])

export class RunTransportElement extends HTMLElement {
  #store = null
  #link = { connected: false }
  #timer = 0

  connectedCallback() {
    this.addEventListener("click", ({ target }) => this.#press(target.closest("button")))
    this.#timer = setInterval(() => this.#showHeard(), LOOK_MS)
  }

  disconnectedCallback() {
    clearInterval(this.#timer)
  }

  set store(store) {
    this.#store = store
    for (const type of ["snapshot", "status", "event", "numbers"]) store.addEventListener(type, () => this.#show())
  }

  set link(status) {
    this.#link = status
    this.#showHeard()
  }

  #press(button) {
    if (!button || button.disabled) return
    if (button.dataset.turn) this.#ask({ type: button.dataset.turn })
    const { ask } = button.dataset
    if (ask === "step") {
      const [many, unit] = this.querySelector("[data-count]").value.split(" ")
      this.#ask({ type: "step", count: Number(many), unit })
    } else if (ask) this.#ask({ type: ask })
    if ("knobs" in button.dataset) document.dispatchEvent(new CustomEvent("knobs"))
  }

  #ask(command) {
    const event = command.type === "restart" ? "run:restart" : "run:command"
    this.dispatchEvent(new CustomEvent(event, { bubbles: true, detail: { command } }))
  }

  #show() {
    const { state, status } = this.#store
    const may = new Set(status?.actions ?? [])
    const turn = may.has("restart") ? "restart" : may.has("resume") ? "resume" : "pause"
    const button = this.querySelector("[data-turn]")
    button.dataset.turn = turn
    button.disabled = !may.has(turn)
    for (const icon of button.querySelectorAll("[data-icon]")) {
      icon.toggleAttribute("hidden", (icon.dataset.icon === "pause") !== (turn === "pause"))
    }
    say(part(this, "turn"), t(`transport.${turn}`))
    for (const one of this.querySelectorAll("[data-ask]")) one.disabled = !may.has(one.dataset.ask)
    this.querySelector("[data-count]").disabled = !may.has("step")
    if (!state) return
    say(part(this, "epoch"), count(state.epoch ?? 0))
    say(part(this, "epochs"), state.epochs ? `/ ${count(state.epochs)}` : "")
    say(part(this, "step"), count(state.step ?? 0))
    say(part(this, "steps"), state.steps ? `/ ${count(state.steps)}` : "")
    const { overhead } = state
    const moving = MOVES.has(status?.name)
    say(part(this, "speed"), moving && overhead ? t("count.per_second", { value: short(overhead.steps_per_second) }) : "–")
    say(part(this, "cost"), overhead ? percent(overhead.share) : "–")
    part(this, "progress").value = state.steps ? Math.min(1, state.step / state.steps) : 0
  }

  #showHeard() {
    const heard = part(this, "heard")
    const dot = part(this, "dot")
    const store = this.#store
    if (!this.#link.connected) {
      dot.dataset.kind = "bad"
      return say(heard, t("count.reconnecting"))
    }
    const name = store?.status?.name
    const moving = MOVES.has(name) || name === "stalled"
    const ago = (Date.now() - (store?.lastHeard || store?.since || Date.now())) / 1000
    dot.dataset.kind = !moving ? "still" : ago > LATE_S || name === "stalled" ? "warn" : "good"
    const still = name === "paused" ? "heard.paused" : "heard.still"
    if (!moving) return say(heard, t(still))
    // a page that has seen no number come does not know how old the last one is
    if (!store.lastHeard && ago < WAIT_S) return say(heard, "–")
    say(heard, t(store.lastHeard ? "count.ago" : "count.none_for", { value: ago < 10 ? ago.toFixed(1) : Math.round(ago) }))
  }
}

customElements.define("run-transport", RunTransportElement)
