// Which numbers share a chart: by their names alone. Pure.

const FIRST = ["loss", "metric", "scores", "penalty", "optimizer", "momentum"]
const SCORES = new Set(["precision", "recall", "f1"])
const MOMENTUM = "optimizer.momentum" // a learning rate beside it would be a flat line
// shares that are 0 as long as nothing is the matter: their charts come when there is something to see
const QUIET = new Set(["dead_units", "saturated", "alike_units"])

/** Return the key of the chart that shows a series: the losses together, a metric's parts together, else by the first word. */
export function boardKey(name) {
  const [first, ...rest] = name.split(".")
  const metric = rest.join(".").replace(/^mc_/, "") // of an ensemble: beside the plain one
  if (name === MOMENTUM) return "momentum"
  if (first === "loss" || metric === "loss") return "loss"
  if (SCORES.has(metric)) return "scores"
  if (first === "train" || first === "validation" || first === "test") return `metric.${metric}`
  return first
}

/** Return the keys of the charts that some series need: {count, max} by name, as the store keeps them. */
export function boardKeys(overviews) {
  const hasShown = ({ count, max }) => max.subarray(0, count).some((one) => one > 0)
  const needed = [...overviews].filter(([name, one]) => !QUIET.has(boardKey(name)) || hasShown(one))
  return new Set(["loss", ...needed.map(([name]) => boardKey(name))])
}

/** Return the `names` of a chart: what it shows, in the order of its colours. */
export function namesOf(key) {
  if (key === "loss") return "loss.data,loss.total,train.loss,validation.loss,validation.mc_loss"
  if (key === "momentum") return MOMENTUM
  if (key === "optimizer") return "optimizer.lr"
  if (key === "scores") return [...SCORES].map((score) => `validation.${score}`).join()
  const [first, ...rest] = key.split(".")
  return first === "metric" ? ["train.", "validation.", "validation.mc_"].map((part) => part + rest.join(".")).join() : `${key}.*,`
}

/** Order charts: the losses first, what judges the run next, what explains it after. */
export function boardOrder(a, b) {
  return place(a) - place(b) || a.localeCompare(b)
}

function place(key) {
  const found = FIRST.indexOf(key.split(".")[0])
  return found < 0 ? FIRST.length : found
}
