// How long a run's epochs took, pauses left out: pure, and by the same rules as app/pace.py, which describes it.

/** Return the pace after an event. */
export function paced(pace, { type, time, step }, stepsPerEpoch) {
  const { epochs, seconds, began, paused_at: pausedAt } = pace
  if (type === "started") return { ...pace, began: stepsPerEpoch > 0 && step % stepsPerEpoch === 0 ? time : null, paused_at: null }
  if (type === "paused" && pausedAt === null) return { ...pace, paused_at: time }
  if (type === "resumed" && pausedAt !== null) {
    return { ...pace, began: began === null ? null : began + Math.max(0, time - pausedAt), paused_at: null }
  }
  if (type !== "epoch") return pace
  return began === null ? { ...pace, began: time } : { ...pace, began: time, epochs: epochs + 1, seconds: seconds + Math.max(0, time - began) }
}
