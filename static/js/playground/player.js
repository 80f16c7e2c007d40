// Goes through steps one by one: play, pause, one back, one on, and a slider over all of them.

import { part, say } from "../dom.js"
import { t } from "../texts.js"

const WHOLE_MS = 9000 // for all steps, however many
const SLOWEST_MS = 320 // a step
const FRAME_MS = 1000 / 60

export class Player {
  #root
  #showed
  #steps = 1
  #at = 0
  #timer = 0

  /** @param {HTMLElement} root @param {(at: number, isPlaying: boolean) => void} showed hears of each step */
  constructor(root, showed) {
    this.#root = root
    this.#showed = showed
    this.slider = part(root, "slider")
    part(root, "play").addEventListener("click", () => this.turn())
    part(root, "back").addEventListener("click", () => this.go(this.#at - 1))
    part(root, "forward").addEventListener("click", () => this.go(this.#at + 1))
    this.slider.addEventListener("input", () => this.go(this.slider.valueAsNumber))
    document.addEventListener("visibilitychange", () => document.hidden && this.pause())
    this.#write()
  }

  get at() {
    return this.#at
  }

  get isAtEnd() {
    return this.#at >= this.#steps
  }

  get isPlaying() {
    return this.#timer !== 0
  }

  /** Take a number of steps, and stand at one of them. */
  set(steps, at) {
    this.pause()
    this.#steps = steps
    this.slider.max = String(steps)
    this.go(at)
  }

  /** Pause, and show a step. */
  go(at) {
    this.pause()
    this.#show(at)
  }

  /** Play, from the beginning when it stands at the end; or pause. */
  turn() {
    if (this.isPlaying) return this.pause()
    if (this.#at >= this.#steps) this.#show(0)
    const each = Math.min(SLOWEST_MS, WHOLE_MS / this.#steps)
    const stride = Math.max(1, Math.round(FRAME_MS / each)) // a screen shows no more than a step a frame
    this.#timer = setInterval(() => {
      const next = Math.min(this.#steps, this.#at + stride)
      if (next === this.#steps) this.#stop()
      this.#show(next)
    }, each * stride)
    this.#write()
  }

  pause() {
    if (!this.isPlaying) return
    this.#stop()
    this.#show(this.#at)
  }

  #stop() {
    clearInterval(this.#timer)
    this.#timer = 0
  }

  #show(at) {
    this.#at = Math.min(this.#steps, Math.max(0, Math.round(at) || 0))
    this.#write()
    this.#showed(this.#at, this.isPlaying)
  }

  #write() {
    const play = part(this.#root, "play")
    play.setAttribute("aria-pressed", String(this.isPlaying))
    say(part(this.#root, "play-word"), t(this.isPlaying ? "paths.pause" : "paths.play"))
    play.toggleAttribute("data-playing", this.isPlaying)
    this.slider.value = String(this.#at)
    this.slider.style.setProperty("--filled", `${(100 * this.#at) / this.#steps}%`)
    this.slider.setAttribute("aria-valuetext", t("paths.at", { at: this.#at, steps: this.#steps }))
    say(part(this.#root, "at"), t("paths.at", { at: this.#at, steps: this.#steps }))
    part(this.#root, "back").disabled = this.#at === 0
    part(this.#root, "forward").disabled = this.#at >= this.#steps
  }
}
