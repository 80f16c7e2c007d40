// What is to be said at the top of a run's page, from its status and its state, and what can be done about it. Pure.

import { percent, short } from "./numbers.js"
import { said } from "./said.js"
import { t } from "./texts.js"

const SAID_BY_ITS_TITLE = new Set(["completed", "stopped"])
const KINDS = {
  failed: "bad", stalled: "bad", interrupted: "warn", starting: "info", resuming: "info", queued: "info", finished: "good", stopped: "good",
} // prettier-ignore
const RESTS = new Set(["finished", "stopped", "failed", "interrupted"])
const OUT_OF_MEMORY = /out of memory/i

/**
 * @typedef {object} Act something that can be done: a link, or what the page is asked for
 * @property {string} label
 * @property {string} [href]
 * @property {"stacks"|"stop"|"restart"|"continue"} [ask]
 * @property {{id: string, step: number}} [checkpoint] where to continue from
 *
 * @typedef {{kind: "good"|"info"|"warn"|"bad", lines: string[], acts: Act[]}} Notice its first line is its title
 */

/**
 * Return the notices of a run, the most pressing first.
 *
 * @param {object} status as the server says it
 * @param {object|null} state
 * @param {string} run its id
 * @param {object[]} saves its checkpoints, newest first, as the server lists them
 * @returns {Notice[]}
 */
export function noticesOf(status, state, run, saves = []) {
  const of = ofStatus(status, state, run)
  const nan = ofNan(status, state, run, saves)
  const together = of && nan && RESTS.has(status.name)
  if (together) {
    of.lines = [...new Set([...of.lines, ...nan.lines])] // one that ended by it has said it
    of.acts.unshift(...nan.acts)
  }
  const notices = [ofDamage(state, run), of, together ? null : nan, ofData(state)].filter(Boolean)
  return notices.map((one) => ({ ...one, lines: one.lines.map(said) }))
}

function ofStatus(status, state, run) {
  const { name, reason, hint } = status
  if (!(name in KINDS) || (name === "starting" && !reason)) return null // it says so only while it downloads
  const why = reason || state?.ended?.reason || ""
  const lines = [title(status, state), SAID_BY_ITS_TITLE.has(why) || why === state?.damage ? "" : why, hint || state?.ended?.hint, again(status), tested(state)]
  const can = new Set(status.actions)
  const acts = []
  if (OUT_OF_MEMORY.test(why)) acts.push(...halfTheBatch(state, run))
  if (name === "stalled" && can.has("stacks")) acts.push({ label: t("notice.stacks"), ask: "stacks" })
  if (name === "stalled" && can.has("stop")) acts.push({ label: t("transport.stop"), ask: "stop" })
  if (name === "interrupted" && can.has("restart")) acts.push({ label: t("notice.restart"), ask: "restart" })
  if (name === "interrupted" && can.has("stop")) acts.push({ label: t("notice.leave"), ask: "stop" })
  const rate = state?.ended?.suggests?.["optimizer.lr"]
  if (rate) acts.push({ label: t("notice.take_rate", { rate: short(rate, 2) }), href: `/new?from=${run}&schedule=constant&optimizer.lr=${rate}` })
  if (name === "failed") acts.push({ label: t("run.again"), href: `/new?from=${run}` })
  return { kind: KINDS[name], lines: lines.filter(Boolean), acts }
}

function title({ name, position }, state) {
  if (name === "queued") return t("notice.queued", { n: position ?? 1 })
  return t(`notice.${name}`, { step: state?.step ?? 0 })
}

function again({ again_at: at, since }) {
  return typeof at === "number" ? t("notice.again", { n: Math.max(1, Math.round(at - since)) }) : ""
}

function halfTheBatch(state, run) {
  const batch = Math.floor((state?.knobs?.training?.batch_size?.value ?? state?.spec?.training?.batch_size ?? 0) / 2)
  if (batch < 1) return []
  return [{ label: t("notice.half", { batch }), href: `/new?from=${run}&training.batch_size=${batch}` }]
}

/** Say that the loss is no number any more, for as long as it is none. */
function ofNan(status, state, run, saves) {
  const mark = state?.marks?.findLast(({ kind }) => kind === "nan")
  if (!mark || typeof state.metrics["loss.data"] !== "string") return null // a text stands for what is not finite
  const acts = []
  const before = saves.find(({ step, sound, superseded }) => step < mark.step && sound && !superseded)
  if (before && RESTS.has(status.name)) {
    const { id, step } = before
    acts.push({ label: t("notice.nan.back", { step }), ask: "continue", checkpoint: { id, step } })
  }
  const lr = state.knobs?.optimizer?.lr?.value
  if (lr > 0) {
    const less = Number((lr / 10).toPrecision(3))
    acts.push({ label: t("notice.nan.lr", { lr: short(less) }), href: `/new?from=${run}&optimizer.lr=${less}` })
  }
  return { kind: "bad", lines: [mark.text, t("notice.nan.help")], acts }
}

/** Say what the data set says of its samples: that others stand in for those that it is named after. */
function ofData(state) {
  return state?.plan?.note ? { kind: "warn", lines: [state.plan.note], acts: [] } : null
}

function ofDamage(state, run) {
  if (!state?.damage) return null
  const lines = [t("notice.damaged"), state.damage, t("notice.damaged.help", { run })]
  return { kind: "bad", lines, acts: [{ label: t("notice.damaged.again"), href: `/new?from=${run}` }] }
}

/** Return how a finished run did on the part that was kept for the end, in a sentence. */
function tested(state) {
  if (state?.ended?.kind !== "finished") return ""
  const metrics = Object.entries(state.metrics).filter(([name, value]) => name.startsWith("test.") && typeof value === "number")
  const told = metrics.map(([name, value]) => `${said(name.slice(5))} ${name.endsWith("accuracy") ? percent(value) : short(value)}`)
  return told.length ? t("notice.test", { metrics: told.join(" · ") }) : ""
}
