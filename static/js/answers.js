// Confusion matrices and ROC curves as they were captured, made into rows, shares and points. Pure.

/** Return the names of classes, or their numbers where they have none; of two classes the plan counts one output. */
export function classNames({ classes = [], outputs = 0, problem = {} } = {}) {
  const many = problem.kind === "binary" ? 2 : outputs
  return Array.from({ length: Math.max(many, classes.length) }, (_, index) => classes[index] ?? String(index))
}

/** Return the names of the classes that have a ROC curve: of two classes the second. */
export function curveNames(plan) {
  const names = classNames(plan)
  return plan?.problem?.kind === "binary" ? names.slice(1) : names
}

/**
 * Return a confusion matrix with what its rows and columns add up to.
 *
 * @param {{shape: number[], counts: Uint32Array}} shot (classes, classes), a row for each true class; or (labels, 2, 2)
 * @param {number} [label] which of several labels
 * @returns {{size: number, rows: number[][], shares: number[][], there: number[], recall: number[], precision: number[],
 *   total: number, accuracy: number}} shares are of the row; NaN where there is nothing to share
 */
export function matrixOf({ shape, counts }, label = 0) {
  const size = shape.at(-1)
  const from = shape.length === 3 ? label * size * size : 0
  const places = Array.from({ length: size }, (_, index) => index)
  const rows = places.map((row) => Array.from(counts.subarray(from + row * size, from + (row + 1) * size)))
  const there = rows.map(sum)
  const answered = places.map((column) => sum(rows.map((row) => row[column])))
  const right = places.map((index) => rows[index][index])
  const total = sum(there)
  return {
    size,
    rows,
    shares: rows.map((row, index) => row.map((count) => count / there[index])),
    there,
    recall: right.map((count, index) => count / there[index]),
    precision: right.map((count, index) => count / answered[index]),
    total,
    accuracy: sum(right) / total,
  }
}

/** Return the most frequent mistakes, the worst first: {truth, answer, count, share}. */
export function mistakes({ rows, shares }, most) {
  const found = rows.flatMap((row, truth) => row.map((count, answer) => ({ truth, answer, count, share: shares[truth][answer] })))
  return found.filter(({ truth, answer, count }) => truth !== answer && count > 0).sort((a, b) => b.count - a.count).slice(0, most)
}

/**
 * Return the curves of a ROC capture, one a class: corners from (0, 0) to (1, 1), and the rates of what is answered.
 *
 * @param {{shape: number[], counts: Float32Array, facts: Object<string, number>}} shot (classes, corners, 3)
 * @returns {{x: Float32Array, y: Float32Array, threshold: Float32Array, area: number, answered: {x: number, y: number}}[]}
 *   no corners where a class has no curve
 */
export function curvesOf({ shape: [classes, corners], counts, facts }) {
  return Array.from({ length: classes }, (_, index) => {
    const all = Array.from({ length: corners }, (_, corner) => counts.subarray((index * corners + corner) * 3, (index * corners + corner) * 3 + 3))
    // one that has fewer corners than others repeats its last
    const own = all.filter(([x, y], at) => !Number.isNaN(x) && (at === 0 || x !== all[at - 1][0] || y !== all[at - 1][1]))
    const [x, y, threshold] = [0, 1, 2].map((column) => Float32Array.from(own, (corner) => corner[column]))
    return { x, y, threshold, area: facts[`area.${index}`] ?? NaN, answered: { x: facts[`false.${index}`] ?? NaN, y: facts[`true.${index}`] ?? NaN } }
  })
}

/** Return the corner nearest to a point, by the distance on a plane of the given size in pixels: {curve, corner, far}. */
export function nearestCorner(curves, [across, up], { width, height }) {
  let best = { curve: -1, corner: -1, far: Infinity }
  curves.forEach(({ x, y }, curve) => {
    for (let corner = 0; corner < x.length; corner++) {
      const far = Math.hypot((x[corner] - across) * width, (y[corner] - up) * height)
      if (far < best.far) best = { curve, corner, far }
    }
  })
  return best
}

function sum(numbers) {
  return numbers.reduce((total, one) => total + one, 0)
}
