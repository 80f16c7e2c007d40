// Keys of a page: one letter, one thing. They are off while one types, and when another key is held.

const TYPING = "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable]"
const PRESSED_BY_SPACE = "button, a, summary, input, [role=tab]"

/** Listen for keys: bind({"?": show, Space: hold}). */
export function bind(keys) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    if (!(event.target instanceof Element) || event.target.closest(TYPING) || document.querySelector("dialog[open]")) return
    const key = event.key === " " ? "Space" : event.key
    if (key === "Space" && event.target.closest(PRESSED_BY_SPACE)) return
    if (!Object.hasOwn(keys, key)) return
    event.preventDefault()
    keys[key](event)
  })
}
