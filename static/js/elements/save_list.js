// <save-list> lists a run's checkpoints, newest first: take one away, continue from it, begin a new run with its weights.
// It tells the page of them: "saves" (detail: {saves}), an event of the document.

import { ask } from "../api.js"
import { sentenceOf } from "../complain.js"
import { continueFrom } from "../continue_from.js"
import { make } from "../dom.js"
import { bytes, percent, short } from "../numbers.js"
import { said } from "../said.js"
import { count, has, language, t } from "../texts.js"

const LOOK_AGAIN_MS = 1000
const METRICS = ["validation.accuracy", "validation.rmse", "validation.loss", "train.loss", "loss.data"]
const METRICS_SHOWN = 2
const RESTS = new Set(["finished", "stopped", "failed", "interrupted"])
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit" })
const day = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" })

export class SaveListElement extends HTMLElement {
  #store = null
  #saves = []
  #rows = new Map() // checkpoint's id -> {key, row}
  #timer = 0
  #more = false
  #asked = 0

  connectedCallback() {
    this.addEventListener("click", ({ target }) => {
      const id = target.closest("[data-continue]")?.closest("li").dataset.id
      const save = this.#saves.find((one) => one.id === id)
      if (save) continueFrom(this.#run, save, this.#store.state.step)
    })
  }

  disconnectedCallback() {
    clearTimeout(this.#timer)
  }

  set store(store) {
    this.#store = store
    store.addEventListener("snapshot", () => this.#look())
    store.addEventListener("event", ({ detail: { type } }) => (type === "saved" || type === "started") && this.#look())
    store.addEventListener("status", () => this.#show())
  }

  get #run() {
    return document.documentElement.dataset.run
  }

  /** Ask at once, and once more a while later: a trainer removes older ones after it has saved. */
  #look() {
    this.#more = true
    if (this.#timer) return
    this.#fetch()
    this.#wait()
  }

  #wait() {
    this.#more = false
    this.#timer = setTimeout(() => {
      this.#timer = 0
      this.#fetch()
      if (this.#more) this.#wait()
    }, LOOK_AGAIN_MS)
  }

  async #fetch() {
    const asked = ++this.#asked
    try {
      const { checkpoints } = await ask("GET", `/api/runs/${this.#run}/checkpoints`)
      if (asked !== this.#asked) return // a later answer is there
      this.#saves = checkpoints
      document.dispatchEvent(new CustomEvent("saves", { detail: { saves: checkpoints } }))
      this.#show()
    } catch (problem) {
      if (!this.#rows.size) this.replaceChildren(make("p", { class: "muted small" }, sentenceOf(problem)))
    }
  }

  #show() {
    if (!this.#saves.length) {
      this.#rows.clear()
      this.replaceChildren(make("p", { class: "muted small" }, t("saves.none")))
      return
    }
    if (!this.querySelector("ul")) this.replaceChildren(make("ul", { class: "saves", tabindex: 0, "aria-label": t("saves.title") }))
    const rests = RESTS.has(this.#store.status?.name)
    const rows = this.#saves.map((one) => this.#row(one, rests))
    const list = this.querySelector("ul")
    for (const row of [...list.children]) if (!rows.includes(row)) row.remove()
    rows.forEach((row, place) => list.children[place] !== row && list.insertBefore(row, list.children[place] ?? null))
    const there = new Set(this.#saves.map(({ id }) => id))
    for (const id of this.#rows.keys()) if (!there.has(id)) this.#rows.delete(id)
  }

  #row(save, rests) {
    const key = JSON.stringify([save, rests])
    if (this.#rows.get(save.id)?.key !== key) this.#rows.set(save.id, { key, row: line(this.#run, save, rests) })
    return this.#rows.get(save.id).row
  }
}

function line(run, save, rests) {
  const { id, step, epoch, attempt, time, size, sha256, sound, superseded, flaw } = save
  const facts = [t("saves.epoch", { epoch }), t("saves.attempt", { attempt }), bytes(size), ...metrics(save)]
  const when = time ? new Date(time * 1000) : null
  return make("li", { "data-id": id, "data-superseded": Boolean(superseded), "data-damaged": !sound },
    make("div", { class: "save-head" },
      make("b", {}, t("saves.step", { step: count(step) })), make("span", {}, why(save)),
      when && make("time", { class: "muted", title: day.format(when), datetime: when.toISOString() }, clock.format(when))),
    make("p", { class: "muted small", title: sha256 ? `${id}\nsha256 ${sha256}` : id }, facts.join(" · ")),
    !sound && make("p", { class: "problem", title: said(flaw) }, t("saves.damaged")),
    superseded && make("p", { class: "small" }, t("saves.superseded")),
    sound && make("div", { class: "row small" },
      make("a", { href: `/api/runs/${run}/checkpoints/${encodeURIComponent(id)}/network.safetensors`, download: true, title: t("saves.download.help") }, t("download")),
      !superseded && make("button", { type: "button", class: "link", "data-continue": true, disabled: !rests, title: rests ? null : t("saves.continue.not_yet") }, t("saves.continue")),
      make("a", { href: `/new?${new URLSearchParams({ from: run, "start.run": run, "start.checkpoint": id })}` }, t("saves.start"))))
}

function why({ name }) {
  const key = `saves.why.${name || "saved"}`
  return has(key) ? t(key) : name
}

function metrics({ metrics: values = {} }) {
  return METRICS.filter((name) => values[name] !== undefined).slice(0, METRICS_SHOWN).map((name) => {
    const value = values[name]
    return `${t(`series.${name}`)} ${name.endsWith("accuracy") && typeof value === "number" ? percent(value) : short(value)}`
  })
}

customElements.define("save-list", SaveListElement)
