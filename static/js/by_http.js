// What a page does when its socket stays away: it finds out whether the server answers over HTTP, says which of the two
// it is, and reads what it can every two seconds until the socket is back.

import { ask } from "./api.js"
import { sentenceOf } from "./complain.js"
import { banner } from "./dom.js"
import { t } from "./texts.js"

const READ_EVERY_MS = 2000
const BUCKETS = 2000

export class ByHttp {
  #read
  #timer = 0
  #away = false
  /** Whether the socket is away and HTTP works. */
  working = false

  /** @param {() => Promise<void>} read asks the server for what the page shows, and shows it */
  constructor(live, read) {
    this.#read = read
    live.addEventListener("status", ({ detail }) => {
      if (detail.connected) this.#stop()
      else if (detail.lasting && !this.#away) this.#begin()
    })
  }

  #begin() {
    this.#away = true
    this.#look()
  }

  #stop() {
    this.#away = this.working = false
    clearTimeout(this.#timer)
    banner("link", "")
  }

  async #look() {
    let said
    try {
      await ask("GET", "/healthz")
      this.working = true
      said = t("socket.refused")
      if (this.#away) await this.#read()
    } catch (problem) {
      this.working &&= problem.title !== "offline"
      said = sentenceOf(problem)
    }
    if (!this.#away) return
    banner("link", said, { kind: this.working ? "warn" : "bad" })
    this.#timer = setTimeout(() => this.#look(), READ_EVERY_MS)
  }
}

/** Put a run, as HTTP tells it, into a store. Histograms stay those that came over the socket. */
export async function readRun(run, store) {
  const [card, { bucket, series }, diagnosis] = await Promise.all([
    ask("GET", `/api/runs/${run}`),
    ask("GET", `/api/runs/${run}/series?width=${BUCKETS}`),
    ask("GET", `/api/runs/${run}/diagnosis`),
  ])
  const captures = [...store.captures].map(([key, shot]) => {
    const [probe, ...name] = key.split("/")
    return { probe, name: name.join("/"), ...shot }
  })
  const overviews = Object.fromEntries(Object.entries(series).map(([name, points]) => [name, bucketsOf(bucket, points)]))
  // without a position the socket begins with a snapshot when it is back
  store.receive({ type: "snapshot", run, position: null, status: card.status, state: card.state, diagnosis, overviews, captures })
}

function bucketsOf(bucket, { step, min, max, mean, last, count, bad }) {
  const finite = (values) => values.map((value) => value ?? NaN)
  return { width: bucket, count: step.length, start: step, min: finite(min), max: finite(max), mean: finite(mean), last: finite(last), counts: count, bad }
}
