// What this browser remembers of its lessons: {name: {prediction, group, landed}}. Another browser begins anew.

const KEY = "livefit.lessons"

/** Return what is remembered of a lesson; an empty object for one that was never begun. */
export function recall(name) {
  return all()[name] ?? {}
}

/** Remember something more of a lesson; return all that is remembered of it. */
export function remember(name, more) {
  const known = { ...recall(name), ...more }
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...all(), [name]: known }))
  } catch {
    // no room, or no storage: the page works on, and has forgotten when it is loaded again
  }
  return known
}

/** Return how far a lesson has come in this browser: "", "predicted", "started", "landed" or "missed". Pure. */
export function markOf({ prediction, group, landed }) {
  if (landed === true) return "landed"
  if (landed === false) return "missed"
  if (group) return "started"
  return prediction ? "predicted" : ""
}

function all() {
  try {
    const known = JSON.parse(localStorage.getItem(KEY) ?? "{}")
    return known && typeof known === "object" ? known : {}
  } catch {
    return {}
  }
}
