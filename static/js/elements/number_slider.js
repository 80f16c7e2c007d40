// <number-slider> keeps a number field and a slider beside it in step; the field is exact, the slider is neat.
// Fires "change" on the field when the slider is let go, so that a form hears one kind of event.

import { fromSlider, short, toSlider } from "../numbers.js"

export class NumberSliderElement extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("input:not([type=range])")
    this.slider = this.querySelector("input[type=range]")
    this.field.addEventListener("keydown", (event) => this.#nudge(event))
    if (!this.slider) return
    const { low, high, scale } = this.dataset
    this.range = { low: Number(low), high: Number(high), scale, zero: "zero" in this.dataset, whole: "whole" in this.dataset }
    this.field.addEventListener("input", () => this.follow())
    this.slider.addEventListener("input", (event) => {
      event.stopPropagation()
      this.field.value = plain(fromSlider(this.slider.valueAsNumber, this.range))
      this.#fill()
      this.field.dispatchEvent(new Event("input", { bubbles: true }))
    })
    this.slider.addEventListener("change", (event) => {
      event.stopPropagation()
      this.field.dispatchEvent(new Event("change", { bubbles: true }))
    })
    this.follow()
  }

  /** Put the slider where the field's value is. */
  follow() {
    const value = Number(this.field.value)
    if (!this.slider || this.field.value.trim() === "" || Number.isNaN(value)) return
    if (document.activeElement !== this.slider) this.slider.value = String(toSlider(value, this.range))
    this.#fill()
  }

  #fill() {
    this.slider.style.setProperty("--filled", `${this.slider.valueAsNumber / 10}%`)
  }

  #nudge(event) {
    if (!this.slider || event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return
    event.preventDefault()
    const way = event.key === "ArrowUp" ? 1 : -1
    const now = Number(this.field.value)
    let place = toSlider(now, this.range)
    let next = now
    // neat values stand apart by more than one place: go on until the value moves
    while (next === now || (next - now) * way < 0) {
      place += way * 4
      if (place < 0 || place > 1000) return
      next = fromSlider(place, this.range)
    }
    this.field.value = plain(next)
    this.field.dispatchEvent(new Event("input", { bubbles: true }))
    this.field.dispatchEvent(new Event("change", { bubbles: true }))
  }
}

function plain(value) {
  return Math.abs(value) >= 1e-4 && Math.abs(value) < 1e9 ? String(value) : value === 0 ? "0" : short(value, 6)
}

customElements.define("number-slider", NumberSliderElement)
