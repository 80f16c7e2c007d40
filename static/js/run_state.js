// The fold of a run's events into its state: pure, and by the same rules as app/state.py, which describes the state.
//
// fold(snapshot + tail) = fold(all events): a page that came late sees what one sees that was there from the start.

import { paced } from "./pace.js"

const MAX_LOG = 300
const MAX_MARKS = 500
const MAX_CHECKPOINTS = 200
const KEPT_AUTO = 2 // the trainer removes the older ones of those that it saves by itself
const LOGGED_WITHOUT = new Set(["spec", "plan", "versions"])
const NOT_MARKED = new Set(["measured"])
const FLEETING_MARKS = new Set(["saved", "best", "lr"])
const TOGGLED = ["regularizers", "stopping", "probes"]

/** Return a number as JSON holds it: what is not finite becomes a text. */
export function plain(value) {
  return Number.isFinite(value) ? value : String(value)
}

/** Fold the numbers of a table: the last step, and the last value of each series. */
export function foldTable(state, { names, steps, columns }) {
  state.step = Math.max(state.step, steps[steps.length - 1])
  for (const name of names) state.metrics[name] = plain(columns[name][steps.length - 1])
}

/** Fold a capture: that its tensor is there. */
export function foldCapture(state, { probe, name, step }) {
  const known = (state.captured[probe] ??= [])
  if (!known.includes(name)) known.push(name)
  state.step = Math.max(state.step, step)
}

/** Fold one event as the server sends it. */
export function foldEvent(state, event) {
  if (event.type === "started") start(state, event)
  else state.step = Math.max(state.step, event.step)
  state.pace = paced(state.pace, event, state.steps_per_epoch)
  EFFECTS[event.type]?.(state, event)
  if (event.type === "overhead") return
  const logged = Object.fromEntries(Object.entries(event).filter(([key]) => !LOGGED_WITHOUT.has(key)))
  state.log = [...state.log.slice(1 - MAX_LOG), logged]
}

const EFFECTS = {
  epoch(state, event) {
    const { epoch, step, metrics } = event
    state.epoch = epoch
    Object.assign(state.metrics, metrics)
    if (!event.best) return
    state.best = { epoch, step, metrics }
    mark(state, event, "best", state.best)
  },
  changed: change,
  paused(state) {
    state.paused = true
  },
  resumed(state) {
    state.paused = false
  },
  saved(state, event) {
    const { step, name, path, sha256, size, time } = event
    state.checkpoints = thoseThere([...state.checkpoints, { step, name, path, sha256, size, time }])
    mark(state, event, "saved")
  },
  marked(state, event) {
    if (!NOT_MARKED.has(event.kind)) mark(state, event, event.kind)
  },
  overhead(state, { share, probes, steps_per_second }) {
    state.overhead = { share, probes, steps_per_second }
  },
  finished: end,
  failed: end,
  interrupted: end,
}

function thoseThere(checkpoints) {
  const gone = checkpoints.filter(({ name }) => name === "auto").slice(0, -KEPT_AUTO)
  return checkpoints.filter((one) => !gone.includes(one)).slice(-MAX_CHECKPOINTS)
}

function end(state, event) {
  Object.assign(state.metrics, event.metrics)
  state.ended = { kind: event.type, reason: event.reason, hint: event.hint ?? "", suggests: event.suggests ?? {} }
  state.paused = false
  mark(state, event, "stop")
}

function start(state, event) {
  const { attempt, step, spec, plan, device } = event
  if (step < state.step) {
    // what lies after is superseded; what the numbers were at that step is not known here
    state.metrics = {}
    for (const key of ["marks", "checkpoints"]) state[key] = state[key].filter((one) => one.step <= step)
    state.best = state.marks.findLast((one) => one.kind === "best")?.new ?? {}
  }
  const each = plan.steps_per_epoch ?? 0
  Object.assign(state, {
    name: spec.name ?? "",
    attempt,
    step,
    device,
    spec,
    plan,
    epoch: each ? Math.floor(step / each) : 0,
    epochs: plan.epochs ?? 0,
    steps_per_epoch: each,
    steps: plan.steps ?? 0,
    paused: false,
    knobs: knobsOf(spec),
    overhead: null,
    ended: null,
  })
  for (const one of state.marks) if (one.kind === "change" || one.kind === "swap") date(state.knobs, one)
  if (attempt > 1) mark(state, event, "attempt")
}

function change(state, event) {
  const { target, field, step, by } = event
  const swapped = field === "name" && event.new !== null && typeof event.new === "object" && !Array.isArray(event.new)
  const values = swapped ? { name: event.new.name, ...event.new.params } : { [field]: event.new }
  const fresh = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, since: step, by }]))
  state.knobs[target] = swapped ? fresh : { ...state.knobs[target], ...fresh }
  if (target === "training" && field === "epochs") {
    state.epochs = event.new
    state.steps = event.new * state.steps_per_epoch
  }
  mark(state, event, swapped ? "swap" : "change")
}

// a resumed attempt's spec has the knobs as they were turned; since when and by whom, the marks know
function date(knobs, { kind, target, field, step, by }) {
  const known = knobs[target] ?? {}
  const fields = kind === "swap" ? Object.keys(known) : field in known ? [field] : []
  for (const name of fields) known[name] = { value: known[name].value, since: step, by }
}

function mark(state, event, kind, value = null) {
  const { step, text, target = "", field = "", old = null, by = "" } = event
  const marks = [...state.marks, { step, kind, text, target, field, old, new: "new" in event ? event.new : value, by }]
  if (marks.length > MAX_MARKS) {
    const drop = marks.findIndex((one) => FLEETING_MARKS.has(one.kind))
    marks.splice(Math.max(0, drop), 1)
  }
  state.marks = marks
}

function knobsOf(spec) {
  const parts = {}
  for (const target of ["optimizer", "schedule"]) if (spec[target]) parts[target] = { name: spec[target].name, ...spec[target].params }
  for (const folder of TOGGLED) for (const [name, fields] of Object.entries(spec[folder] ?? {})) parts[`${folder}.${name}`] = fields
  parts.training = spec.training ?? {}
  const known = (fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { value, since: 0, by: "" }]))
  return Object.fromEntries(Object.entries(parts).map(([target, fields]) => [target, known(fields)]))
}
