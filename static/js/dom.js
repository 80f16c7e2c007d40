// Building a page's parts: elements whose text is only ever text.

/** Return a new element: make("p", {class: "muted"}, "text", child). An attribute that is false or null is left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue
    element.setAttribute(name, value === true ? "" : String(value))
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false).map((child) => (typeof child === "number" ? String(child) : child)))
  return element
}

/** Return the child of an element that plays a part: data-part="name". */
export function part(element, name) {
  return element.querySelector(`[data-part="${name}"]`)
}

/** Set an element's text, only if it differs: screen readers repeat what is written again. */
export function say(element, text) {
  if (element && element.textContent !== text) element.textContent = text
}

/** Say something for as long as it is so, at the top of the page; an empty text takes it away. `link` is {label, href}. */
export function banner(key, text, { kind = "warn", link = null } = {}) {
  document.dispatchEvent(new CustomEvent("banner", { detail: { key, text, kind, link } }))
}

/** Show a short message at the edge of the page; `action` is {label, run}. */
export function toast(text, { kind = "info", action = null, seconds = 8 } = {}) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, kind, action, seconds } }))
}
