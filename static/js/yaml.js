// A spec as YAML, as one would write it by hand. Knows mappings, lists and scalars; a mapping in a list has a line.

/** Return a plain object as YAML text. */
export function toYaml(value, depth = 0) {
  const pad = "  ".repeat(depth)
  return Object.entries(value)
    .map(([key, one]) => {
      const name = `${pad}${scalar(key)}:`
      if (Array.isArray(one) && one.some(isObject)) return `${name}\n${one.map((item) => `${pad}- ${flow(item)}\n`).join("")}`
      if (!isObject(one) || Array.isArray(one)) return `${name} ${flow(one)}\n`
      return Object.keys(one).length ? `${name}\n${toYaml(one, depth + 1)}` : `${name} {}\n`
    })
    .join("")
}

/** Return the shell command that trains a spec without a server. */
export function toCommand(yaml) {
  return `livefit train - <<'YAML'\n${yaml}YAML\n`
}

// what YAML would read as something else than the text it is
const ODD = /^$|^[\s\-?:,[\]{}#&*!|>'"%@`]|[:#]\s|:$|\s$|[\n\t]|^(true|false|null|yes|no|on|off|~)$|^[-+.\d]/i

function isObject(value) {
  return value !== null && typeof value === "object"
}

function flow(value) {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`
  if (isObject(value)) return `{${Object.entries(value).map(([key, one]) => `${scalar(key)}: ${flow(one)}`).join(", ")}}`
  // inside brackets a comma, a bracket or a brace would end the text
  return typeof value === "string" && /[,[\]{}]/.test(value) ? JSON.stringify(value) : scalar(value)
}

function scalar(value) {
  if (typeof value === "string") return ODD.test(value) ? JSON.stringify(value) : value
  if (typeof value === "number" && !Number.isFinite(value)) return Number.isNaN(value) ? ".nan" : value > 0 ? ".inf" : "-.inf"
  return String(value)
}
