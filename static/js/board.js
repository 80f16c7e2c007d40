// Which numbers share a chart: by their names alone. Pure.

const FIRST = ["loss", "metric", "scores", "penalty", "optimizer"]
const SCORES = new Set(["precision", "recall", "f1"])

/** Return the key of the chart that shows a series: the losses together, a metric's parts together, else by the first word. */
export function boardKey(name) {
  const [first, ...rest] = name.split(".")
  const metric = rest.join(".").replace(/^mc_/, "") // of an ensemble: beside the plain one
  if (first === "loss" || metric === "loss") return "loss"
  if (SCORES.has(metric)) return "scores"
  if (first === "train" || first === "validation" || first === "test") return `metric.${metric}`
  return first
}

/** Return the `names` of a chart: what it shows, in the order of its colours. */
export function namesOf(key) {
  if (key === "loss") return "loss.data,loss.total,train.loss,validation.loss,validation.mc_loss"
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
