// The limit that a distribution is held to, where a regularizer that is on holds it to one. Pure.

// probe -> where its limit stands among the knobs
const HELD = { unit_norms: { target: "regularizers.max_norm", field: "limit" } }

/** Return the value that what a probe shows of a layer may not exceed, as the knobs are now; null where there is none. */
export function limitOf(state, probe, layer) {
  const { target, field } = HELD[probe] ?? {}
  const knobs = state?.knobs?.[target]
  if (!knobs?.enabled?.value) return null
  return knobs.per_layer?.value?.[layer] ?? knobs[field]?.value ?? null
}
