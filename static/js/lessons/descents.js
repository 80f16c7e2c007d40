// The paths of a lesson's optimizers: drawn and played as on the page of paths, each under the name that the lesson gives it.

import { ask } from "../api.js"
import { drawGround, groundOf } from "../playground/ground.js"
import { Plane } from "../playground/plane.js"
import { Player } from "../playground/player.js"
import { showResults, spoken } from "../playground/results.js"
import { drawTrails } from "../playground/trails.js"
import { part } from "../dom.js"

export class Descents {
  #root
  #plane
  #player
  #ground = null
  #paths = []
  #labels = []

  /** @param {HTMLElement} root with the parts plane, player and results */
  constructor(root) {
    this.#root = root
    this.#plane = new Plane(part(root, "plane"), (pen) => this.#draw(pen))
    this.#player = new Player(part(root, "player"), (at, isPlaying) => this.#show(at, isPlaying))
  }

  /**
   * Let them set out, and play it from the start.
   *
   * @param {{asked: object, labels: string[]}} setting what POST /api/paths is asked, and what each path is called
   * @param {boolean} isPlayed or whether it stands at its end at once
   */
  async setOut({ asked, labels }, isPlayed) {
    const [ground, { paths }] = await Promise.all([ask("GET", `/api/surfaces/${asked.surface}`), ask("POST", "/api/paths", asked)])
    this.#ground = groundOf(ground)
    this.#plane.window = this.#ground.window
    this.#paths = paths
    this.#labels = labels
    this.#player.set(asked.steps, isPlayed ? 0 : asked.steps)
    if (isPlayed) this.#player.turn()
  }

  #draw(pen) {
    if (!this.#ground) return
    drawGround(pen, this.#plane, this.#ground)
    drawTrails(pen, this.#plane, this.#paths, this.#player.at)
  }

  #show(at, isPlaying) {
    this.#plane.want()
    if (!this.#paths.length) return
    showResults(part(this.#root, "results"), this.#paths, this.#labels, at)
    if (!isPlaying) this.#plane.canvas.setAttribute("aria-label", spoken(this.#paths, this.#labels, at))
  }
}
