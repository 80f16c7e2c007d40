// said(text): what the server and the trainers say in English, in the language of the page. app/said.py does the same
// and says how; a text that is nothing they say stays as it is. Put it where such a text enters the page.

const PLACE = /\{(\d)\}/
const PLACES = /\{(\d)\}/g
const END_OF_SENTENCE = /(?<=[.?!]) (?=\S)/
const NEXT_REASON = "; "
const DEEPEST = 4
const LONGEST = 1000
const MOST_KEPT = 2000

/** Return the function that looks texts up in a catalogue. Pure. */
export function reader(catalogue) {
  const literal = (key) => key.replaceAll(PLACES, "").length
  const order = (one, other) => literal(other) - literal(one) || (one < other ? -1 : 1)
  const patterns = Object.keys(catalogue).filter((key) => PLACE.test(key)).sort(order).map(patternOf)
  const kept = new Map()

  function said(text, depth = 0) {
    const bare = text.trim()
    if (!bare || depth > DEEPEST || bare.length > LONGEST) return text
    const found = (Object.hasOwn(catalogue, bare) && catalogue[bare]) || oneByOne(bare, depth, "every") || each(bare.split(NEXT_REASON), NEXT_REASON, depth, "every") || filled(bare, depth) || oneByOne(bare, depth, "some")
    return found ? text.replace(bare, () => found) : text
  }

  function filled(text, depth) {
    for (const { key, piece, places, pattern } of patterns) {
      const [, ...groups] = (text.includes(piece) && pattern.exec(text)) || []
      if (groups.length !== places.length) continue
      const values = Object.fromEntries(places.map((place, index) => [place, said(groups[index], depth + 1)]))
      return catalogue[key].replaceAll(PLACES, (_, place) => values[place])
    }
    return ""
  }

  function oneByOne(text, depth, enough) {
    return each(text.split(END_OF_SENTENCE), " ", depth, enough)
  }

  function each(parts, between, depth, enough) {
    if (parts.length < 2) return ""
    const found = parts.map((part) => said(part, depth + 1))
    return parts[enough]((part, index) => part !== found[index]) ? found.join(between) : ""
  }

  return (text) => {
    if (typeof text !== "string") return text
    if (!kept.has(text)) {
      if (kept.size >= MOST_KEPT) kept.clear()
      kept.set(text, said(text))
    }
    return kept.get(text)
  }
}

function patternOf(key) {
  const pieces = key.split(PLACES).filter((_, index) => index % 2 === 0)
  const escaped = pieces.map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&"))
  const piece = pieces.reduce((longest, one) => (one.length > longest.length ? one : longest), "")
  return { key, piece, places: [...key.matchAll(PLACES)].map(([, place]) => place), pattern: new RegExp(`^${escaped.join("(.*?)")}$`, "s") }
}

const file = globalThis.document?.documentElement.dataset.said

/** Return a text of the server in the language of the page. In English nothing is looked up. */
export const said = file ? reader(await (await fetch(file)).json()) : (text) => text
