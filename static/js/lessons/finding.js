// Whether a lesson is what somebody looks for. Pure.

/** Return whether a text has each of the words that were typed, in whatever order and case. */
export function isFound(text, typed) {
  const plain = (one) => one.normalize("NFC").toLocaleLowerCase()
  const within = plain(text)
  return plain(typed).split(/\s+/).every((word) => within.includes(word))
}
