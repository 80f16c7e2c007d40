// <ghost-switch> shows what later attempts superseded on all curves, or hides it. It is there only when there is something.

import { askGhosts } from "../charts/ghosts.js"
import { complain } from "../complain.js"

const KEY = "livefit_superseded"

export class GhostSwitchElement extends HTMLElement {
  #attempt = 0
  #asked = 0

  connectedCallback() {
    this.box = this.querySelector("input")
    this.box.checked = remembered()
    this.box.addEventListener("change", () => {
      remember(this.box.checked)
      this.#show()
    })
  }

  set store(store) {
    const look = () => {
      const attempt = store.state?.attempt ?? 0
      if (attempt === this.#attempt) return
      this.#attempt = attempt
      if (attempt > 1) this.#look()
    }
    for (const type of ["snapshot", "event"]) store.addEventListener(type, look)
  }

  get #run() {
    return document.documentElement.dataset.run
  }

  async #look() {
    try {
      this.hidden = (await askGhosts(this.#run, { briefly: true })).length === 0
    } catch (problem) {
      complain(problem)
    }
    if (!this.hidden) this.#show()
  }

  async #show() {
    const asked = ++this.#asked
    try {
      const segments = this.box.checked ? await askGhosts(this.#run) : []
      if (asked === this.#asked) document.dispatchEvent(new CustomEvent("charts:ghosts", { detail: { segments } }))
    } catch (problem) {
      complain(problem)
    }
  }
}

function remembered() {
  try {
    return localStorage.getItem(KEY) === "on"
  } catch {
    return false // a browser that forbids storage begins without
  }
}

function remember(on) {
  try {
    localStorage.setItem(KEY, on ? "on" : "off")
  } catch {
    // it holds until the page is left
  }
}

customElements.define("ghost-switch", GhostSwitchElement)
