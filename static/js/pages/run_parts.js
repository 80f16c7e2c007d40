// The rest of a run's page: transport bar, knobs, log and facts, and what their commands do.

import "../elements/number_slider.js"
import "../elements/layer_numbers.js"
import "../elements/plan_view.js"
import "../elements/run_transport.js"
import "../elements/run_notice.js"
import "../elements/run_diagnosis.js"
import "../elements/run_log.js"
import "../elements/run_facts.js"
import "../elements/save_list.js"
import "../elements/ghost_switch.js"
import "../elements/live_knob.js"
import "../elements/live_swap.js"
import "../elements/knob_panel.js"
import "../elements/copy_text.js"
import "../elements/chart_tools.js"
import "../elements/answers_view.js"
import { ask } from "../api.js"
import { ByHttp, readRun } from "../by_http.js"
import { complain } from "../complain.js"
import { sayWhenFull } from "../disk.js"
import { toast } from "../dom.js"
import { bind } from "../keys.js"
import { said } from "../said.js"
import { t } from "../texts.js"

const SEE_THE_STORE =
  "run-transport, run-notice, run-chip, run-diagnosis, delete-run, run-log, cost-panel, save-list, plan-view, knob-panel, time-slider, chart-tools, ghost-switch, answers-view"

/** Let everything but the charts see the run's store and use its socket. */
export function bringToLife(run, store, live) {
  const byHttp = new ByHttp(live, () => readRun(run, store))
  const transport = document.querySelector("run-transport")
  const tools = document.querySelector("chart-tools")
  const time = document.querySelector("time-slider")

  for (const element of document.querySelectorAll(SEE_THE_STORE)) element.store = store

  document.addEventListener("run:command", async ({ detail: { command, accepted, refused } }) => {
    try {
      const asked = byHttp.working ? ask("POST", `/api/runs/${run}/commands`, command) : live.command(run, command)
      const handed = await asked // not inside accepted?.(): without it nothing would be sent
      accepted?.(handed)
    } catch (problem) {
      if (refused) refused(problem)
      else complain(problem)
    }
  })
  document.addEventListener("run:restart", async () => {
    try {
      await ask("POST", `/api/runs/${run}/restart`)
    } catch (problem) {
      complain(problem)
    }
  })
  store.addEventListener("event", ({ detail: event }) => {
    // a knob shows its own refusal; what is no knob's needs another place
    if (event.type === "rejected" && !event.field) toast(said(event.reason), { kind: "bad" })
    if (event.type === "saved" && event.command) toast(t("saves.done", { step: event.step }))
  })
  live.addEventListener("status", ({ detail }) => (transport.link = detail))
  sayWhenFull(live)
  live.addEventListener("problem", ({ detail }) => complain(detail))
  live.addEventListener("gone", () => toast(t("run.gone"), { kind: "bad", seconds: 60 }))
  document.addEventListener("name", () => location.reload()) // the socket takes one's name when it opens

  bind({
    p: () => transport.querySelector("[data-turn]").click(),
    Space: () => tools.turnHold(),
    s: () => tools.turnSmooth(),
    l: () => tools.turnLog(),
    "[": () => time.nudge(-1),
    "]": () => time.nudge(1),
    Escape: () => {
      tools.reset()
      time.now()
    },
  })
}
