// JSON over HTTP; a refusal is an error that carries the problem details.

import { said } from "./said.js"

/** A request that was refused, or did not arrive. `problems` has {path, message} where a spec is wrong. */
export class Problem extends Error {
  constructor({ title = "", detail = "", hint = "", status = 0, problems = [] }) {
    super(said(detail || title))
    const inWords = problems.map((one) => ({ ...one, message: said(one.message) }))
    Object.assign(this, { title: said(title), detail: said(detail), hint: said(hint), status, problems: inWords })
  }
}

/** Ask the server; return its JSON, or null if it has nothing to say. Throws a Problem. */
export async function ask(method, path, body = undefined, signal = undefined) {
  let response
  try {
    response = await fetch(path, {
      method,
      signal,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error
    throw new Problem({ title: "offline" })
  }
  const text = await response.text()
  let answer = null
  try {
    answer = text ? JSON.parse(text) : null
  } catch {
    answer = { detail: text.slice(0, 200) }
  }
  if (!response.ok) throw new Problem({ ...answer, status: response.status })
  return answer
}
