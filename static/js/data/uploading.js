// Sending a file as it is, with how far it has come: fetch does not tell, so this is an XMLHttpRequest.

import { Problem } from "../api.js"

/**
 * Send a file and return what the server calls it: {id, name, bytes}. Throws a Problem.
 *
 * @param {Blob} file
 * @param {string} name as it is shown later
 * @param {{progress?: (share: number) => void, signal?: AbortSignal}} [options]
 */
export function send(file, name, { progress = () => {}, signal = undefined } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open("POST", `/api/uploads?name=${encodeURIComponent(name)}`)
    request.setRequestHeader("Content-Type", "application/octet-stream")
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(total ? loaded / total : 0))
    request.addEventListener("load", () => {
      const answer = read(request.responseText)
      if (request.status === 201) resolve(answer)
      else reject(new Problem({ ...answer, status: request.status }))
    })
    request.addEventListener("error", () => reject(new Problem({ title: "offline" })))
    request.addEventListener("abort", () => reject(new DOMException("", "AbortError")))
    signal?.addEventListener("abort", () => request.abort())
    request.send(file)
  })
}

function read(text) {
  try {
    return JSON.parse(text)
  } catch {
    return { detail: text.slice(0, 200) }
  }
}
