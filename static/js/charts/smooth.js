// Smoothing of a curve: an exponential moving average without the bias towards its start. Pure.

// a weight is meant per thousandth of what is shown: the same look at 300 steps and at 3 million
const PARTS_SHOWN = 1000

/**
 * Return the running average of `values`, weighted by distance in steps.
 *
 * average_i = average_(i-1) * w^d + value_i, divided by the same sum of ones (Kingma & Ba 2015, section 3),
 * with d the distance to the point before in thousandths of `span`. So buckets that merge while a run grows
 * do not change the picture. Not-a-number stays a gap and leaves the average as it was.
 *
 * @param {ArrayLike<number>} steps ascending
 * @param {ArrayLike<number>} values NaN where there is none
 * @param {number} weight 0 (as it is) to 1 (flat)
 * @param {number} span steps shown on the whole chart
 * @returns {Float64Array}
 *
 * Source: "time weighted EMA", https://docs.wandb.ai/guides/app/features/panels/line-plot/smoothing
 */
export function smooth(steps, values, weight, span) {
  const smoothed = new Float64Array(values.length)
  const perPart = Math.min(Math.sqrt(Math.max(weight, 0)), 0.9995)
  let average = 0
  let ones = 0
  let before = steps[0]
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (Number.isNaN(value)) {
      smoothed[index] = NaN
      continue
    }
    const kept = perPart ** (((steps[index] - before) / (span || 1)) * PARTS_SHOWN)
    before = steps[index]
    average = average * kept + value
    ones = ones * kept + 1
    smoothed[index] = average / ones
  }
  return smoothed
}
