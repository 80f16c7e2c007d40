// Offers what a run can be watched by: of all metrics those that belong to its kind of problem.

/**
 * Offer, in every menu of metrics within an element, what a plan has; without a plan everything.
 *
 * What is chosen stays on offer: the plan says at its field that the run has it not, and what it has.
 *
 * @param {ParentNode} place
 * @param {{monitors?: string[]}|null} plan
 */
export function offerMonitors(place, plan) {
  for (const menu of place.querySelectorAll('select[data-of="metrics"]')) {
    for (const option of menu.options) {
      const isThere = !plan?.monitors || plan.monitors.includes(option.value) || option.selected
      option.hidden = option.disabled = !isThere
    }
  }
}
