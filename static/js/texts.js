// t(key, values): the words of the page, from the same catalogue that the templates use.

const page = globalThis.document?.documentElement
export const language = page?.lang || "en"
const catalogue = page?.dataset.texts ? await (await fetch(page.dataset.texts)).json() : {}
const whole = new Intl.NumberFormat(language)

/** Return a sentence with its {placeholders} filled; `n` = 1 takes the key's `.one` sister. An unknown key shows itself. */
export function t(key, values = {}) {
  const one = values.n === 1 ? catalogue[`${key}.one`] : undefined
  let text = one ?? catalogue[key] ?? key
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, shown(value))
  return text
}

/** Return whether the catalogue has a key. */
export function has(key) {
  return key in catalogue
}

/** Return a whole number with its thousands apart: 3,325. */
export function count(value) {
  return whole.format(value)
}

function shown(value) {
  return typeof value === "number" && Number.isInteger(value) ? whole.format(value) : String(value)
}
