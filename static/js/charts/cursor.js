// The moment that all charts of a page show: the step under the cursor, the step that is held, the range of steps.
//
// It travels as events of the document, so that a time slider or a table can take part:
//   "cursor" {step: number|null, passing?: true}   passing: a pointer moves over; without it the step is held
//   "zoom"   {from: number, to: number|null}       to null: the whole run

/** What holds now. Read it when a chart comes late; it changes by events only. */
export const moment = { step: null, held: null, zoom: null }

document.addEventListener("cursor", ({ detail }) => {
  moment.step = detail?.step ?? null
  if (!detail?.passing) moment.held = moment.step
})
document.addEventListener("zoom", ({ detail }) => {
  moment.zoom = detail && detail.to !== null && detail.to !== undefined ? [detail.from, detail.to] : null
})

/** Show a step while a pointer is over it. */
export function point(step) {
  if (step !== moment.step) tell("cursor", { step, passing: true })
}

/** The pointer has left: back to the step that is held, or to the newest. */
export function leave() {
  point(moment.held)
}

/** Hold a step until it is let go with null. */
export function hold(step) {
  tell("cursor", { step })
}

/** Show a range of steps on all charts; null shows the whole run. */
export function zoom(range) {
  tell("zoom", range ? { from: range[0], to: range[1] } : { from: 0, to: null })
}

function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }))
}
