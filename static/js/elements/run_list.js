// <run-list> keeps the list of runs as it is now: rows by id, searched and sorted, with their curves. A group is one row,
// under which its runs are read when it is unfolded; those that are picked can be compared.

import { ask } from "../api.js"
import { complain } from "../complain.js"
import { part, say, toast } from "../dom.js"
import { fillGroup } from "../groups/group_card.js"
import { Listing } from "../listing.js"
import { fillCard } from "../run_card.js"
import { t } from "../texts.js"

export class RunListElement extends HTMLElement {
  #rows = new Map() // run id -> its row
  #groups = new Map() // group id -> its row
  #unfolded = new Map() // id of a group -> {isOpen, runs, as they were last read, stamp, isBeingRead}
  #picked = new Set()
  #leaving = new Set()
  #listing = new Listing(ask, complain, () => this.#show())

  connectedCallback() {
    for (const row of this.querySelectorAll("[data-run]")) this.#rows.set(row.dataset.run, row)
    for (const row of this.querySelectorAll("[data-group]")) this.#groups.set(row.dataset.group, row)
    this.search = this.querySelector("[data-search]")
    this.sort = this.querySelector("[data-sort]")
    this.search.addEventListener("input", () => this.#listing.search(this.search.value))
    this.sort.addEventListener("change", () => this.#show())
    this.addEventListener("click", ({ target }) => {
      const run = target.closest("[data-delete]")?.closest("[data-run]")?.dataset.run
      if (run) this.#delete(run, `/api/runs/${run}`, "run.deleted")
      const group = target.closest("[data-group]")?.dataset.group
      if (target.closest("[data-delete-group]")) this.#delete(group, `/api/groups/${group}`, "groups.deleted")
      if (target.closest("[data-unfold]")) this.#unfold(group)
      if (target.closest("[data-more]")) this.#listing.more()
      if (target.closest("[data-clear]")) this.#pick(null)
      if (target.closest("[data-example]")) this.#startExample(target.closest("button"))
    })
    this.addEventListener("change", ({ target }) => target.matches("[data-pick]") && this.#pick(target))
    const query = new URLSearchParams(location.search)
    for (const [key, path, words] of [["deleted", "/api/runs/", "run.deleted"], ["deleted_group", "/api/groups/", "groups.deleted"]]) {
      if (!query.has(key)) continue
      history.replaceState(null, "", location.pathname)
      this.#offerBack(query.get(key), `${path}${query.get(key)}`, words)
    }
  }

  /** Show the newest rows, as GET /api/rows or the socket has them. */
  show(told) {
    this.#listing.receive(told)
    for (const group of this.#unfolded.keys()) this.#readRuns(group)
  }

  #show() {
    const { all, rest, runs, moving } = this.#listing
    const there = all.filter(({ run, group }) => !this.#leaving.has((run ?? group).id))
    const found = this.#listing.found(there, this.sort.value)
    const members = [...this.#unfolded.values()].flatMap(({ runs: read }) => read)
    drop(this.#rows, new Set([...found.flatMap(({ run }) => run ?? []), ...members].map(({ id }) => id)))
    drop(this.#groups, new Set(found.flatMap(({ group }) => group?.id ?? [])))
    this.#lay(part(this, "list"), found)
    this.#showPicked()
    part(this, "empty").hidden = there.length > 0
    part(this, "tools").hidden = there.length === 0
    part(this, "nothing").hidden = found.length > 0 || there.length === 0
    say(part(this, "count"), there.length ? t("home.count", { n: runs, moving }) : "")
    part(this, "rest").hidden = rest < 1 || this.search.value.trim() !== ""
    say(part(this, "rest-text"), t("home.rest", { n: rest }))
  }

  /** Put rows into a list, each in its place; one that is there already is not moved. */
  #lay(list, rows, within = "") {
    rows.forEach(({ run, group }, place) => {
      const row = run ? this.#row(this.#rows, "card", "run", run.id) : this.#row(this.#groups, "group", "group", group.id)
      if (run) fillCard(row, run, within)
      else {
        fillGroup(row.firstElementChild, group)
        const { isOpen = false, runs = [] } = this.#unfolded.get(group.id) ?? {}
        row.querySelector("[data-unfold]").setAttribute("aria-expanded", String(isOpen))
        part(row, "members").hidden = !isOpen
        this.#lay(part(row, "members"), runs.filter(({ id }) => !this.#leaving.has(id)).map((one) => ({ run: one })), group.name)
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

  #unfold(group) {
    const known = this.#unfolded.get(group) ?? { isOpen: false, runs: [], stamp: "", isBeingRead: false }
    known.isOpen = !known.isOpen
    this.#unfolded.set(group, known)
    this.#show()
    this.#readRuns(group)
  }

  /** Read the runs of a group that is unfolded, when it has changed since. */
  async #readRuns(group) {
    const known = this.#unfolded.get(group)
    const isNew = () => known.isOpen && known.stamp !== this.#listing.stampOf(group)
    if (known.isBeingRead || !isNew()) return
    known.isBeingRead = true
    try {
      while (isNew()) {
        known.stamp = this.#listing.stampOf(group)
        if (known.stamp) known.runs = (await ask("GET", `/api/groups/${group}`)).members
        this.#show()
      }
    } catch (error) {
      if (this.#listing.stampOf(group)) complain(error) // else it was deleted a moment ago
    } finally {
      known.isBeingRead = false
    }
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

  async #delete(id, path, words) {
    this.#leaving.add(id)
    this.#show()
    try {
      await ask("DELETE", path)
      this.#offerBack(id, path, words)
    } catch (error) {
      this.#leaving.delete(id)
      this.#show()
      complain(error)
    }
  }

  #offerBack(id, path, words) {
    const undo = async () => {
      try {
        await ask("POST", `${path}/restore`)
        this.#leaving.delete(id)
        this.show(await ask("GET", "/api/rows"))
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
