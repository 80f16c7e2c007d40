// <run-notice> says what is the matter with a run, and offers what can be done: its place in the queue, why it failed.
// <run-chip> says its status in a word.

import { continueFrom } from "../continue_from.js"
import { make, say } from "../dom.js"
import { noticesOf } from "../notices.js"
import { showStacks } from "../stacks.js"
import { t } from "../texts.js"

export class RunNoticeElement extends HTMLElement {
  #store = null
  #saves = []

  connectedCallback() {
    document.addEventListener("saves", ({ detail }) => {
      this.#saves = detail.saves
      if (this.#store) this.#show()
    })
  }

  set store(store) {
    this.#store = store
    for (const type of ["snapshot", "status"]) store.addEventListener(type, () => this.#show())
    store.addEventListener("event", ({ detail }) => detail.type !== "overhead" && this.#show())
  }

  get #run() {
    return document.documentElement.dataset.run
  }

  #show() {
    const { status, state } = this.#store
    const notices = status ? noticesOf(status, state, this.#run, this.#saves) : []
    const key = JSON.stringify(notices)
    if (this.dataset.key === key) return
    this.dataset.key = key
    this.replaceChildren(...notices.map((one) => this.#notice(one)))
  }

  #notice({ kind, lines: [title, ...rest], acts }) {
    const row = acts.length ? make("div", { class: "row acts" }, ...acts.map((act) => this.#control(act))) : null
    return make("div", { class: "notice", "data-kind": kind }, make("b", {}, title), ...rest.map((line) => make("p", {}, line)), row)
  }

  #control({ label, href, ask, checkpoint }) {
    if (href) return make("a", { class: "button", href }, label)
    const button = make("button", { type: "button" }, label)
    button.addEventListener("click", () => this.#act(ask, checkpoint))
    return button
  }

  #act(ask, checkpoint) {
    if (ask === "stacks") showStacks(this.#run)
    else if (ask === "continue") continueFrom(this.#run, checkpoint, this.#store.state.step)
    else {
      const event = ask === "restart" ? "run:restart" : "run:command"
      this.dispatchEvent(new CustomEvent(event, { bubbles: true, detail: { command: { type: ask } } }))
    }
  }
}

export class RunChipElement extends HTMLElement {
  set store(store) {
    const chip = this.querySelector(".chip")
    const show = () => {
      if (!store.status) return
      chip.dataset.status = store.status.name
      say(chip, t(`status.${store.status.name}`))
    }
    for (const type of ["snapshot", "status"]) store.addEventListener(type, show)
  }
}

customElements.define("run-notice", RunNoticeElement)
customElements.define("run-chip", RunChipElement)
