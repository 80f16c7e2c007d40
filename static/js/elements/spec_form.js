// <spec-form> asks for the plan as one types, puts problems at their fields, keeps itself in the URL and starts the run.

import { ask } from "../api.js"
import { sentenceOf } from "../complain.js"
import { make, part, toast } from "../dom.js"
import { fieldOf, readQuery, readSpec } from "../spec_fields.js"
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
      const query = readQuery(this.controls).toString()
      history.replaceState(history.state, "", query ? `?${query}` : location.pathname)
      this.#plan()
    }, PAUSE_IN_TYPING_MS)
  }

  #leaveStart(line) {
    line.remove()
    this.form.elements.name.focus()
    this.#changed()
  }

  async #plan() {
    clearTimeout(this.#again)
    this.#asked.abort()
    this.#asked = new AbortController()
    const { signal } = this.#asked
    this.view.setAttribute("aria-busy", "true")
    try {
      const { plan, spec } = await ask("POST", "/api/plans", readSpec(this.controls), signal)
      this.view.show(plan, spec)
      for (const one of this.querySelectorAll("layer-numbers")) one.layers = plan.layers
      this.#complain([])
    } catch (error) {
      if (error.name === "AbortError") return
      this.view.show(null)
      this.#complain(problemsOf(error))
      this.#tryAgain(error)
    }
    this.view.removeAttribute("aria-busy")
  }

  async #start() {
    clearTimeout(this.#timer)
    const button = this.querySelector("[data-start]")
    button.disabled = true
    try {
      const { id } = await ask("POST", "/api/runs", readSpec(this.controls))
      location.assign(`/runs/${id}`)
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
    for (const { path, message } of problems) {
      const control = this.#controlOf(fieldOf(path))
      const line = control?.closest("[data-path]")?.querySelector(".problem")
      if (!line) {
        list.append(make("p", { class: "problem" }, message))
        continue
      }
      line.textContent = message
      line.hidden = false
      control.setAttribute("aria-invalid", "true")
      const link = make("a", { href: `#${control.id}` }, message)
      link.addEventListener("click", (event) => {
        event.preventDefault()
        control.focus()
      })
      list.append(make("p", { class: "problem" }, link))
    }
    list.hidden = problems.length === 0
    // what is no field's fault may be over by the next try
    this.querySelector("[data-start]").disabled = problems.some(({ path }) => path)
  }

  #controlOf(path) {
    const named = (name) => this.controls.find((one) => one.name === name)
    return named(path) ?? named(path.split(".").slice(0, -1).join(".")) ?? named(path.split(".")[0])
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

function problemsOf(error) {
  if (error.problems?.length) return error.problems
  return [{ path: "", message: error.title === "offline" ? t("offline.form") : sentenceOf(error) }]
}

customElements.define("spec-form", SpecFormElement)
