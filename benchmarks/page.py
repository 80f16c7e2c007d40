"""What a person at the page feels: launch to first number, step to pixel, toggle to confirmed, frames a second.

In Debian's chromium without a GPU, with a real server and real trainers. A pixel is there when the painter's
worker has drawn the chart and the browser's next frame has begun.
"""

import statistics

from playwright.sync_api import Page, sync_playwright

from benchmarks.serving import Server, busy_spec, server
from benchmarks.table import show

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WINDOW = {"width": 1440, "height": 900}
LAUNCHES, TOGGLES, PIXELS_S, FRAMES_S = 15, 30, 20, 15

# every time that the loss chart was drawn: ms since the newest and the oldest step of the last message were logged
WATCH_PIXELS = """async (speed) => {
  const chart = document.querySelector("curve-chart")
  const { store } = chart
  const receive = store.receive.bind(store)
  let told = null
  store.receive = (message) => {
    const steps = message.tables?.find(({ probe }) => probe === "loss")?.steps.length ?? 0
    if (steps) told = { at: message.time * 1000, span: (steps - 1) / speed * 1000 }
    return receive(message)
  }
  window.pixels = []
  const framed = chart.framed.bind(chart)
  let shown = null
  chart.framed = (frame) => {
    framed(frame)
    const drawn = told
    if (drawn && drawn !== shown) requestAnimationFrame(() => {
      window.pixels.push([Date.now() - drawn.at, Date.now() - drawn.at + drawn.span])
    })
    shown = drawn
  }
}"""

WATCH_FRAMES = """async (seconds) => {
  const long = []
  const observer = new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration)))
  observer.observe({ type: "longtask" })
  const began = performance.now()
  let frames = 0
  await new Promise((done) => {
    const count = (now) => {
      frames++
      if (now - began > seconds * 1000) done()
      else requestAnimationFrame(count)
    }
    requestAnimationFrame(count)
  })
  observer.disconnect()
  return { fps: frames / seconds, long }
}"""

# in every page: what the form sends, and the time at which a run's page first shows a number
SAY_FIRST_NUMBER = """
window.json = (spec) => ({ headers: { "content-type": "application/json" }, body: JSON.stringify(spec) })
if (location.pathname.startsWith("/runs/")) new MutationObserver((_, observer) => {
  const shown = document.querySelector("curve-chart .chart-value")
  if (!/\\d/.test(shown?.textContent ?? "")) return
  observer.disconnect()
  console.log("first number after", Date.now() - Number(sessionStorage.posted))
}).observe(document, { subtree: true, childList: true, characterData: true })
"""

LAUNCH = """async (spec) => {
  sessionStorage.posted = Date.now()
  const { id } = await (await fetch("/api/runs", { method: "POST", ...window.json(spec) })).json()
  setTimeout(() => location.assign(`/runs/${id}`))
  return id
}"""

# from the click on a switch to the line that says since which step it holds
TOGGLE = """(selector) => new Promise((done) => {
  const knob = document.querySelector(selector)
  const began = performance.now()
  const output = knob.querySelector("output")
  new MutationObserver((_, observer) => {
    if (knob.dataset.state !== "since") return
    observer.disconnect()
    done(performance.now() - began)
  }).observe(knob, { attributes: true, attributeFilter: ["data-state"] })
  knob.querySelector("input").click()
})"""


def main() -> None:
    """Print the tables."""
    with server("--max-running", "16") as lab, sync_playwright() as playwright:
        lab.ready()
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = chromium.new_page(viewport=WINDOW)
        rows = [launch(lab, chromium.new_page(viewport=WINDOW), planned=planned) for planned in (True, False)]
        rows += [*pixels(lab, page), toggles(page)]
        show("At the page", ["what", "p50", "p99 (or most)", "count", "target"], rows)
        show(
            "A busy run page: a run at 200 steps a second, deltas at 10 Hz",
            ["window", "frames/s", "tasks over 50 ms", "longest", "target"],
            [
                frames(lab, chromium.new_page(viewport={"width": 1440, "height": height}), height)
                for height in (900, 3000)
            ],
        )
        chromium.close()


def launch(lab: Server, page: Page, *, planned: bool) -> list[str]:
    """From POST /api/runs to the first loss that can be read on the run's page: what the form's start button does.

    `planned`: the form has shown the spec's plan before, as it does while one types. No look from outside
    disturbs the page meanwhile: it says itself when it shows a number.
    """
    page.add_init_script(SAY_FIRST_NUMBER)
    taken = []
    for i in range(LAUNCHES):
        page.goto(f"{lab.url}/new")
        page.locator("html[data-ready]").wait_for()
        spec = busy_spec(f"launch {i} {planned}")
        if planned:
            page.evaluate("(spec) => fetch('/api/plans', { method: 'POST', ...window.json(spec) })", spec)
        page.wait_for_timeout(1000)  # the form has loaded what it will need, and rests
        with page.expect_console_message(lambda said: said.text.startswith("first number")) as said:
            run = page.evaluate(LAUNCH, spec)
        taken.append(float(said.value.text.split()[-1]))
        lab.post(f"/api/runs/{run}/commands", {"type": "stop"})
    page.close()
    what = "POST a run to its first number on the page" + ("" if planned else ", its plan never asked before")
    return [what, *percentiles(taken), "500 ms"]


def pixels(lab: Server, page: Page) -> list[list[str]]:
    """From a step to its pixel, at 200 steps a second."""
    run = lab.post("/api/runs", busy_spec("pixels"))["id"]
    page.goto(f"{lab.url}/runs/{run}")
    page.wait_for_selector("[data-state], .training", state="attached")
    page.evaluate(WATCH_PIXELS, 200)
    page.wait_for_timeout(PIXELS_S * 1000)
    seen = page.evaluate("window.pixels")
    newest, oldest = ([one[i] for one in seen] for i in (0, 1))
    return [
        ["newest step of a message to its pixel", *percentiles(newest), "150 / 400 ms"],
        ["oldest step of a message to its pixel", *percentiles(oldest), "150 / 400 ms"],
    ]


def toggles(page: Page) -> list[str]:
    """From the click on L2's switch to the line that confirms it with its step."""
    selector = "live-knob[data-target='regularizers.l2'][data-field='enabled']"
    page.evaluate("document.querySelector(\"live-knob[data-target='regularizers.l2']\").scrollIntoView()")
    taken = []
    for _ in range(TOGGLES):
        taken.append(page.evaluate(TOGGLE, selector))
    page.get_by_role("button", name="Stop", exact=True).click()
    page.close()  # what follows is to have the machine for itself
    return ["click on L2 to its confirmation", *percentiles(taken), "100 ms"]


def frames(lab: Server, page: Page, height: int) -> list[str]:
    """Frames a second of a page with curves and distributions in sight, while one run trains."""
    fields = {"regularizers": {"l1": {"enabled": True}, "l2": {"enabled": True}}}
    run = lab.post("/api/runs", busy_spec("frames", **fields))["id"]
    page.goto(f"{lab.url}/runs/{run}")
    page.wait_for_timeout(10_000)  # the steady state is what is asked for: charts full, history loaded
    if height == 900:
        page.evaluate("document.querySelector('spread-chart').scrollIntoView({block: 'center'})")
    seen = page.evaluate(WATCH_FRAMES, FRAMES_S)
    lab.post(f"/api/runs/{run}/commands", {"type": "stop"})
    page.close()
    longest = f"{max(seen['long'], default=0):.0f} ms"
    return [f"1440 x {height}", f"{seen['fps']:.1f}", str(len(seen["long"])), longest, "50, none"]


def percentiles(values: list[float]) -> tuple[str, str, str]:
    """Return median, 99th percentile (the most, of fewer than 100) and count."""
    ordered = sorted(values)
    high = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"{statistics.median(ordered):.0f} ms", f"{high:.0f} ms", str(len(ordered))


if __name__ == "__main__":
    main()
