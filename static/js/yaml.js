// A spec as YAML, as one would write it by hand. Knows mappings, lists of scalars and scalars: a spec has no more.

/** Return a plain object as YAML text. */
export function toYaml(value, depth = 0) {
  const pad = "  ".repeat(depth)
  return Object.entries(value)
    .map(([key, one]) => {
      if (one !== null && typeof one === "object" && !Array.isArray(one)) {
        return Object.keys(one).length ? `${pad}${scalar(key)}:\n${toYaml(one, depth + 1)}` : `${pad}${scalar(key)}: {}\n`
      }
      return `${pad}${scalar(key)}: ${Array.isArray(one) ? `[${one.map(scalar).join(", ")}]` : scalar(one)}\n`
    })
    .join("")
}

/** Return the shell command that trains a spec without a server. */
export function toCommand(yaml) {
  return `livefit train - <<'YAML'\n${yaml}YAML\n`
}

// what YAML would read as something else than the text it is
const ODD = /^$|^[\s\-?:,[\]{}#&*!|>'"%@`]|[:#]\s|:$|\s$|[\n\t]|^(true|false|null|yes|no|on|off|~)$|^[-+.\d]/i

function scalar(value) {
  if (typeof value === "string") return ODD.test(value) ? JSON.stringify(value) : value
  if (typeof value === "number" && !Number.isFinite(value)) return Number.isNaN(value) ? ".nan" : value > 0 ? ".inf" : "-.inf"
  return String(value)
}
