// <chart-tools> sets what holds for all charts at once: smoothing, log axes, the whole range again, hold still.
// <time-slider> goes back in time: everything on the page shows the step under its thumb.

import { part, say } from "../dom.js"
import { t } from "../texts.js"

const SMOOTHINGS = [0, 0.6, 0.9, 0.97]

export class ChartToolsElement extends HTMLElement {
  #store = null

  connectedCallback() {
    this.smooth = this.querySelector("[data-smooth]")
    this.hold = this.querySelector("[data-hold]")
    this.unzoom = this.querySelector("[data-unzoom]")
    this.smooth.addEventListener("input", () => this.#tell())
    for (const box of this.querySelectorAll("[data-log]")) box.addEventListener("change", () => this.#tell())
    this.unzoom.addEventListener("click", () => this.reset())
    this.hold.addEventListener("click", () => this.turnHold())
    document.addEventListener("cursor", ({ detail }) => detail?.passing || this.#showHold(typeof detail?.step === "number"))
    document.addEventListener("zoom", ({ detail }) => (this.unzoom.disabled = typeof detail?.to !== "number"))
  }

  /** Take the next of a few strengths of smoothing. */
  turnSmooth() {
    const now = this.smooth.valueAsNumber
    this.smooth.value = String(SMOOTHINGS.find((one) => one > now + 0.001) ?? 0)
    this.#tell()
  }

  /** Turn the logarithmic y axis on or off. */
  turnLog() {
    const box = this.querySelector("[data-log=y]")
    box.checked = !box.checked
    this.#tell()
  }

  set store(store) {
    this.#store = store
  }

  /** Hold every chart still at the present step, or let them follow again. Training does not notice. */
  turnHold() {
    const step = this.hold.getAttribute("aria-pressed") === "true" ? null : (this.#store?.state?.step ?? null)
    if (step !== null && this.unzoom.disabled) send("zoom", { from: 0, to: step })
    else if (step === null) this.reset()
    send("cursor", { step })
  }

  /** Show the whole range again. */
  reset() {
    send("zoom", { from: 0, to: null })
  }

  #showHold(held) {
    this.hold.setAttribute("aria-pressed", String(held))
    say(this.hold, t(held ? "tools.follow" : "tools.hold"))
  }

  #tell() {
    const smooth = this.smooth.valueAsNumber
    say(part(this, "smooth"), smooth.toFixed(2))
    const detail = { smooth, logY: this.querySelector("[data-log=y]").checked, logX: this.querySelector("[data-log=x]").checked }
    this.dispatchEvent(new CustomEvent("charts:set", { bubbles: true, detail }))
  }
}

export class TimeSliderElement extends HTMLElement {
  #following = true

  connectedCallback() {
    this.slider = this.querySelector("input")
    this.slider.addEventListener("input", () => this.#go(this.slider.valueAsNumber >= Number(this.slider.max) ? null : this.slider.valueAsNumber))
    this.querySelector("[data-now]").addEventListener("click", () => this.#go(null))
    document.addEventListener("cursor", ({ detail }) => detail?.passing || this.#show(detail?.step ?? null))
  }

  set store(store) {
    const follow = () => {
      const step = store.state?.step ?? 0
      this.slider.max = String(step)
      this.slider.disabled = step === 0
      if (this.#following) this.slider.value = String(step)
    }
    for (const type of ["snapshot", "numbers", "event"]) store.addEventListener(type, follow)
  }

  /** Go so many hundredths of the run back (below 0) or forth. */
  nudge(hundredths) {
    const max = Number(this.slider.max)
    const to = Math.round(Math.max(0, this.slider.valueAsNumber + (hundredths * max) / 100))
    this.#go(to >= max ? null : to)
  }

  /** Follow the newest step again. */
  now() {
    this.#go(null)
  }

  #go(step) {
    send("cursor", { step })
  }

  #show(step) {
    this.#following = step === null
    this.slider.value = step === null ? this.slider.max : String(step)
    say(part(this, "at"), step === null ? t("time.now") : t("time.step", { step }))
    this.querySelector("[data-now]").hidden = step === null
    this.toggleAttribute("data-past", step !== null)
  }
}

function send(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }))
}

customElements.define("chart-tools", ChartToolsElement)
customElements.define("time-slider", TimeSliderElement)
