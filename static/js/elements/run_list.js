// <run-list> keeps the list of runs as it is now: rows by id, searched and sorted, with their curves. Runs of a group are
// folded under its row; those that are picked can be compared.

import { ask } from "../api.js"
import { complain } from "../complain.js"
import { part, say, toast } from "../dom.js"
import { folded } from "../groups/folding.js"
import { fillGroup } from "../groups/group_card.js"
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
  #groups = new Map() // group id -> its row
  #open = new Set() // groups that are unfolded
  #picked = new Set()
  #leaving = new Set()

  connectedCallback() {
    for (const row of this.querySelectorAll("[data-run]")) this.#rows.set(row.dataset.run, row)
    for (const row of this.querySelectorAll("[data-group]")) this.#groups.set(row.dataset.group, row)
    this.search = this.querySelector("[data-search]")
    this.sort = this.querySelector("[data-sort]")
    this.search.addEventListener("input", () => this.#show())
    this.sort.addEventListener("change", () => this.#show())
    this.addEventListener("click", ({ target }) => {
      const row = target.closest("[data-delete]")?.closest("[data-run]")
      if (row) this.#delete([row.dataset.run], `/api/runs/${row.dataset.run}`, "run.deleted")
      const group = target.closest("[data-group]")?.dataset.group
      if (target.closest("[data-delete-group]")) this.#delete(this.#members(group), `/api/groups/${group}`, "groups.deleted")
      if (target.closest("[data-unfold]")) this.#unfold(group)
      if (target.closest("[data-clear]")) this.#pick(null)
      if (target.closest("[data-example]")) this.#startExample(target.closest("button"))
    })
    this.addEventListener("change", ({ target }) => target.matches("[data-pick]") && this.#pick(target))
    const query = new URLSearchParams(location.search)
    for (const [key, path, words] of [["deleted", "/api/runs/", "run.deleted"], ["deleted_group", "/api/groups/", "groups.deleted"]]) {
      if (!query.has(key)) continue
      history.replaceState(null, "", location.pathname)
      this.#offerBack([query.get(key)], `${path}${query.get(key)}`, words)
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
    const text = (run) => [run.name, run.group_name, run.dataset, run.model, run.optimizer, t(`status.${run.status.name}`), run.by].join(" ").toLowerCase()
    const there = this.#runs.filter(({ id }) => !this.#leaving.has(id))
    const found = there.filter((run) => words.every((word) => text(run).includes(word))).sort(SORTS[this.sort.value])
    const rows = folded(found, this.sort.value !== "newest")
    drop(this.#rows, new Set(found.map(({ id }) => id)))
    drop(this.#groups, new Set(rows.map(({ id }) => id)))
    this.#lay(part(this, "list"), rows)
    this.#showPicked()
    part(this, "empty").hidden = there.length > 0
    part(this, "tools").hidden = there.length === 0
    part(this, "nothing").hidden = found.length > 0 || there.length === 0
    const moving = there.filter(({ status }) => status.name === "running").length
    say(part(this, "count"), there.length ? t("home.count", { n: there.length, moving }) : "")
    part(this, "rest").hidden = this.#rest < 1
    say(part(this, "rest-text"), t("home.rest", { n: this.#rest }))
  }

  /** Put rows into a list, each in its place; one that is there already is not moved. */
  #lay(list, rows, within = "") {
    rows.forEach(({ run, ...group }, place) => {
      const row = run ? this.#row(this.#rows, "card", "run", run.id) : this.#row(this.#groups, "group", "group", group.id)
      if (run) fillCard(row, run, within)
      else {
        fillGroup(row.firstElementChild, group)
        this.#lay(part(row, "members"), group.cards.map((card) => ({ run: card })), group.name)
      }
      if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null)
    })
  }

  #row(rows, template, kind, id) {
    if (!rows.has(id)) {
      const row = part(this, template).content.firstElementChild.cloneNode(true)
      row.dataset[kind] = id
      rows.set(id, row)
    }
    return rows.get(id)
  }

  #members(group) {
    return this.#runs.filter((run) => run.group === group).map(({ id }) => id)
  }

  #unfold(group) {
    const row = this.#groups.get(group)
    if (!this.#open.delete(group)) this.#open.add(group)
    part(row, "members").hidden = !this.#open.has(group)
    row.querySelector("[data-unfold]").setAttribute("aria-expanded", String(this.#open.has(group)))
  }

  /** Take note of a box that was ticked, or let all go. */
  #pick(box) {
    if (!box) {
      this.#picked.clear()
      for (const one of this.querySelectorAll("[data-pick]")) one.checked = false
    } else if (box.checked) this.#picked.add(box.value)
    else this.#picked.delete(box.value)
    this.#showPicked()
  }

  #showPicked() {
    for (const id of this.#picked) if (!this.#rows.has(id)) this.#picked.delete(id)
    const bar = part(this, "picked")
    bar.hidden = this.#picked.size === 0
    say(part(this, "picked-text"), t("groups.picked", { n: this.#picked.size }))
    part(this, "compare").href = `/compare?runs=${[...this.#picked].join(",")}`
  }

  async #delete(ids, path, words) {
    for (const id of ids) this.#leaving.add(id)
    this.#show()
    try {
      await ask("DELETE", path)
      this.#offerBack(ids, path, words)
    } catch (error) {
      for (const id of ids) this.#leaving.delete(id)
      this.#show()
      complain(error)
    }
  }

  #offerBack(ids, path, words) {
    const undo = async () => {
      try {
        await ask("POST", `${path}/restore`)
        for (const id of ids) this.#leaving.delete(id)
        this.show(await ask("GET", "/api/runs"))
      } catch (error) {
        complain(error)
      }
    }
    toast(t(words), { action: { label: t("undo"), run: undo }, seconds: 20 })
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

function drop(rows, kept) {
  for (const [id, row] of rows) {
    if (kept.has(id)) continue
    row.remove()
    rows.delete(id)
  }
}

customElements.define("run-list", RunListElement)
