// <run-list> keeps the list of runs as it is now: rows by id, searched and sorted, with their curves.

import { ask } from "../api.js"
import { complain } from "../complain.js"
import { part, say, toast } from "../dom.js"
import { t } from "../texts.js"
import { fillCard } from "../run_card.js"

const ORDER = ["running", "stalled", "starting", "resuming", "paused", "queued", "interrupted", "failed", "stopped", "finished"]
const loss = ({ metrics }) => Number(metrics?.["validation.loss"] ?? metrics?.["loss.data"] ?? Infinity)
const SORTS = {
  newest: (a, b) => b.created - a.created,
  name: (a, b) => a.name.localeCompare(b.name),
  status: (a, b) => ORDER.indexOf(a.status.name) - ORDER.indexOf(b.status.name),
  progress: (a, b) => b.step / (b.steps || 1) - a.step / (a.steps || 1),
  loss: (a, b) => loss(a) - loss(b) || 0,
}

export class RunListElement extends HTMLElement {
  #runs = []
  #rest = 0 // runs that are not shown
  #rows = new Map()
  #leaving = new Set()

  connectedCallback() {
    for (const row of this.querySelectorAll("[data-run]")) this.#rows.set(row.dataset.run, row)
    this.search = this.querySelector("[data-search]")
    this.sort = this.querySelector("[data-sort]")
    this.search.addEventListener("input", () => this.#show())
    this.sort.addEventListener("change", () => this.#show())
    this.addEventListener("click", ({ target }) => {
      const row = target.closest("[data-delete]")?.closest("[data-run]")
      if (row) this.#delete(row.dataset.run)
      if (target.closest("[data-example]")) this.#startExample(target.closest("button"))
    })
    const deleted = new URLSearchParams(location.search).get("deleted")
    if (deleted) {
      history.replaceState(null, "", location.pathname)
      this.#offerBack(deleted)
    }
  }

  /** Show these cards, the newest of all `count` that there are. */
  show({ runs, count }) {
    this.#runs = runs.map((run) => ({ ...run, created: Number(run.created) || Date.parse(run.created) / 1000 || 0 }))
    this.#rest = count - runs.length
    this.#show()
  }

  #show() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean)
    const text = (run) => [run.name, run.dataset, run.model, run.optimizer, t(`status.${run.status.name}`), run.by].join(" ").toLowerCase()
    const there = this.#runs.filter(({ id }) => !this.#leaving.has(id))
    const found = there.filter((run) => words.every((word) => text(run).includes(word))).sort(SORTS[this.sort.value])
    const ids = new Set(found.map(({ id }) => id))
    for (const [id, row] of this.#rows) if (!ids.has(id)) this.#drop(id, row)
    const list = part(this, "list")
    found.forEach((run, place) => {
      const row = this.#row(run.id)
      fillCard(row, run)
      if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null)
    })
    part(this, "empty").hidden = there.length > 0
    part(this, "tools").hidden = there.length === 0
    part(this, "nothing").hidden = found.length > 0 || there.length === 0
    const moving = there.filter(({ status }) => status.name === "running").length
    say(part(this, "count"), there.length ? t("home.count", { n: there.length, moving }) : "")
    part(this, "rest").hidden = this.#rest < 1
    say(part(this, "rest-text"), t("home.rest", { n: this.#rest }))
  }

  #row(id) {
    if (!this.#rows.has(id)) {
      const row = part(this, "card").content.firstElementChild.cloneNode(true)
      row.dataset.run = id
      this.#rows.set(id, row)
    }
    return this.#rows.get(id)
  }

  #drop(id, row) {
    row.remove()
    this.#rows.delete(id)
  }

  async #delete(id) {
    this.#leaving.add(id)
    this.#show()
    try {
      await ask("DELETE", `/api/runs/${id}`)
      this.#offerBack(id)
    } catch (error) {
      this.#leaving.delete(id)
      this.#show()
      complain(error)
    }
  }

  #offerBack(id) {
    const undo = async () => {
      try {
        await ask("POST", `/api/runs/${id}/restore`)
        this.#leaving.delete(id)
        this.show(await ask("GET", "/api/runs"))
      } catch (error) {
        complain(error)
      }
    }
    toast(t("run.deleted"), { action: { label: t("undo"), run: undo }, seconds: 20 })
  }

  async #startExample(button) {
    button.disabled = true
    try {
      const { id } = await ask("POST", "/api/runs", JSON.parse(button.dataset.example))
      location.assign(`/runs/${id}`)
    } catch (error) {
      button.disabled = false
      complain(error)
    }
  }
}

customElements.define("run-list", RunListElement)
