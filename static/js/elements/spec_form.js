// <spec-form> asks for the plan as one types, puts problems at their fields, keeps itself in the URL and starts the run.

import { ask } from "../api.js"
import { sentenceOf } from "../complain.js"
import { make, part, toast } from "../dom.js"
import { offerMonitors } from "../monitors.js"
import { fieldsOf, readQuery, readSpec } from "../spec_fields.js"
import { t } from "../texts.js"
import { toCommand, toYaml } from "../yaml.js"

const PAUSE_IN_TYPING_MS = 250
const TRY_AGAIN_MS = 3000
const AWAY = 503

export class SpecFormElement extends HTMLElement {
  #timer = 0
  #again = 0
  #asked = new AbortController()

  connectedCallback() {
    this.form = this.querySelector("form")
    this.view = this.querySelector("plan-view")
    this.several = this.querySelector("launch-several")
    this.form.addEventListener("input", () => this.#changed())
    this.form.addEventListener("change", () => this.#changed())
    this.form.addEventListener("submit", (event) => {
      event.preventDefault()
      this.#start()
    })
    this.form.addEventListener("click", ({ target }) => {
      const what = target.closest("[data-copy]")?.dataset.copy
      if (what) this.#copy(what)
      const start = target.closest("start-line button")?.closest("start-line")
      if (start) this.#leaveStart(start)
      const change = target.closest("change-list li button")?.closest("li")
      if (change) this.#leaveChange(change)
    })
    // a variant's fieldset is enabled by its own element, which may stand after this one
    queueMicrotask(() => this.#plan())
  }

  get controls() {
    return [...this.form.elements].filter((one) => one.name && one.dataset.kind && !one.matches(":disabled"))
  }

  #changed() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const query = readQuery(this.controls)
      this.several.write(query)
      history.replaceState(history.state, "", query.size ? `?${query}` : location.pathname)
      this.#plan()
    }, PAUSE_IN_TYPING_MS)
  }

  #leaveStart(line) {
    line.remove()
    this.form.elements.name.focus()
    this.#changed()
  }

  #leaveChange(line) {
    const list = line.closest("change-list")
    const next = line.nextElementSibling ?? line.previousElementSibling
    line.remove()
    // places count from 0 without gaps
    list.querySelectorAll("li").forEach((one, at) => {
      one.dataset.path = one.querySelector("input").name = `changes.${at}`
      one.querySelector("button").id = `change-${at}`
    })
    if (!next) list.remove()
    const focused = next?.querySelector("button") ?? this.form.elements.name
    focused.focus()
    this.#changed()
  }

  async #plan() {
    clearTimeout(this.#again)
    this.#asked.abort()
    this.#asked = new AbortController()
    const { signal } = this.#asked
    this.view.setAttribute("aria-busy", "true")
    try {
      const { plan, spec } = await this.#planned(readSpec(this.controls), signal)
      this.view.show(plan, spec)
      this.#tell(plan)
      this.#complain([])
    } catch (error) {
      if (error.name === "AbortError") return
      this.view.show(null)
      this.#tell(null)
      this.several.show(null)
      this.#complain(problemsOf(error))
      this.#tryAgain(error)
    }
    this.view.removeAttribute("aria-busy")
  }

  /** Let the parts of the form hear of the plan; null when there is none that fits. */
  #tell(plan) {
    this.dispatchEvent(new CustomEvent("plan", { detail: plan }))
    offerMonitors(this, plan)
    if (plan) for (const one of this.querySelectorAll("layer-numbers")) one.layers = plan.layers
  }

  /** The plan of the run, or of the first of several, of which it is said how many they are. */
  async #planned(spec, signal) {
    const several = this.several.active
    const answer = await ask("POST", several ? "/api/groups/plans" : "/api/plans", several ? this.several.body(spec) : spec, signal)
    this.several.show(several ? answer : null)
    this.querySelector("[data-start]").textContent = several ? t("several.start", { n: answer.runs }) : t("new.start")
    return several ? answer.first : answer
  }

  async #start() {
    clearTimeout(this.#timer)
    const button = this.querySelector("[data-start]")
    button.disabled = true
    try {
      const spec = readSpec(this.controls)
      const { active } = this.several
      const { id } = await ask("POST", active ? "/api/groups" : "/api/runs", active ? this.several.body(spec) : spec)
      location.assign(active ? `/groups/${id}` : `/runs/${id}`)
    } catch (error) {
      button.disabled = false
      this.#complain(problemsOf(error))
      this.#goToFirst()
      this.#tryAgain(error)
    }
  }

  /** Ask for the plan once more when it was the server that failed, and not the form. */
  #tryAgain({ title, status }) {
    if (title === "offline" || status === AWAY) this.#again = setTimeout(() => this.#plan(), TRY_AGAIN_MS)
  }

  #complain(problems) {
    for (const place of this.querySelectorAll(".problem[role=alert]")) place.hidden = true
    for (const control of this.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid")
    const list = part(this, "problems")
    list.replaceChildren()
    this.several.forgive()
    for (const problem of problems) {
      const { path, message } = problem
      const own = this.several.active ? this.several.complain(problem) : null
      if (own) {
        list.append(make("p", { class: "problem" }, linkTo(own, message)))
        continue
      }
      const control = this.#controlOf(path)
      const line = control?.closest("[data-path]")?.querySelector(":scope > .problem")
      if (!line) {
        list.append(make("p", { class: "problem" }, message))
        continue
      }
      line.closest("details")?.setAttribute("open", "")
      line.textContent = message
      line.hidden = false
      control.setAttribute("aria-invalid", "true")
      list.append(make("p", { class: "problem" }, linkTo(control, message)))
    }
    list.hidden = problems.length === 0
    // what is no field's fault may be over by the next try
    this.querySelector("[data-start]").disabled = problems.some(({ path }) => path)
  }

  #controlOf(path) {
    for (const name of fieldsOf(path)) {
      const found = this.controls.find((one) => one.name === name && one.type !== "hidden") ?? this.#firstIn(name)
      if (found) return found
    }
    return undefined
  }

  /** Return the first control of what has a path but is no field itself, such as a row of a list. */
  #firstIn(path) {
    const place = this.querySelector(`:is(fieldset:not(:disabled), change-list) [data-path="${CSS.escape(path)}"]`)
    const within = (what) => [...(place?.querySelectorAll(what) ?? [])].find((one) => one.type !== "hidden")
    return within("input, select") ?? within("button")
  }

  #goToFirst() {
    this.querySelector("[aria-invalid]")?.focus()
  }

  async #copy(what) {
    const yaml = toYaml(readSpec(this.controls, { changed: true }))
    try {
      await navigator.clipboard.writeText(what === "yaml" ? yaml : toCommand(yaml))
      toast(t(`copied.${what}`))
    } catch {
      toast(t("copy.refused"), { kind: "bad" })
    }
  }
}

function linkTo(control, message) {
  const link = make("a", { href: `#${control.id}` }, message)
  link.addEventListener("click", (event) => {
    event.preventDefault()
    control.focus()
  })
  return link
}

function problemsOf(error) {
  if (error.problems?.length) return error.problems
  return [{ path: "", message: error.title === "offline" ? t("offline.form") : sentenceOf(error) }]
}

customElements.define("spec-form", SpecFormElement)
