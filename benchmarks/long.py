"""A run of ten million steps: how soon it opens, cold and after a restart, how fast it zooms, what the server weighs.

The log is written here through `trainer.runlog`, not trained: three series of every step and two of every epoch, in
frames of 500 steps, with three spikes of one step. Zooms are asked of the API and of the page in Debian's chromium.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.light_socket import BINARY, Frames, opened, watching
from benchmarks.page import CHROMIUM, FLAGS, WINDOW
from benchmarks.serving import Server, server
from benchmarks.table import show
from benchmarks.telling import NAMES, begin_run, write_long
from benchmarks.viewers import place_of

MIB = 1024 * 1024
ZOOMS = 30
SPIKE = 99.0

# resolves with ms since the page began, once the loss chart shows a number and the frame after that has begun
DRAWN = """() => new Promise((done) => {
  const look = () => {
    const shown = document.querySelector("curve-chart .chart-value")?.textContent ?? ""
    if (/\\d/.test(shown)) requestAnimationFrame(() => done(performance.now()))
    else setTimeout(look, 5)
  }
  look()
})"""


def snapshot_s(lab: Server, run: str) -> float:
    """Return the seconds from the opening of a socket to the last byte of a run's snapshot."""
    began = time.perf_counter()
    frames = Frames(head=64, begun=True)
    with opened(place_of(lab.url)) as one:
        one.sendall(watching(run))
        while True:
            if any(opcode == BINARY for opcode, _, _ in frames.take(one.recv(1 << 20))):
                return time.perf_counter() - began


def drawn_s(browser: Browser, lab: Server, run: str, *, before: str = "") -> float:
    """Return the seconds from asking for a run's page to its first picture.

    Args:
        before: a page that was looked at before, as "/"; without one this is a first visit, with empty caches.
    """
    page = browser.new_page(viewport=WINDOW)
    if before:
        page.goto(f"{lab.url}{before}", wait_until="networkidle")
    page.goto(f"{lab.url}/runs/{run}", wait_until="commit")
    taken = page.evaluate(DRAWN) / 1000
    page.close()
    return taken


def zooms_s(lab: Server, run: str, steps: int) -> tuple[list[float], list[float]]:
    """Return the seconds that windows of every size take, and those of them that show single steps."""
    every, raw = [], []
    for i in range(ZOOMS):
        span = int(steps * 10 ** (-6 * i / ZOOMS)) + 10
        first = (steps - span) * i // ZOOMS
        began = time.perf_counter()
        asked = f"/api/runs/{run}/series?names={','.join(NAMES)}&from={first}&to={first + span}&width=2000"
        bucket = lab.get(asked)["bucket"]
        every.append(time.perf_counter() - began)
        if bucket == 1:
            raw.append(every[-1])
    return every, raw


def spikes_seen(lab: Server, run: str, spikes: dict[int, float], steps: int) -> int:
    """Return in how many of the windows around every spike, from the whole run to one step, it shows."""
    seen = 0
    for step in spikes:
        for span in (steps, steps // 10, steps // 1_000, 1_000, 1):
            first, last = max(0, step - span // 2), min(steps, step + span // 2)
            asked = f"/api/runs/{run}/series?names={NAMES[0]}&from={first}&to={last}&width=1000"
            seen += max(value or 0 for value in lab.get(asked)["series"][NAMES[0]]["max"]) == SPIKE
    return seen


def open_again(data: Path, run: str, chromium: Browser, times: int) -> tuple[list[float], list[float]]:
    """Start a server anew for each opening, by turns for the first message and for the first picture."""
    messages, pictures = [], []
    for i in range(2 * times):
        with server(data=data) as lab:
            if i % 2:
                messages.append(snapshot_s(lab, run))
            else:
                pictures.append(drawn_s(chromium, lab, run, before="/"))
    return messages, pictures


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.long", description=__doc__)
    asked.add_argument("--steps", type=int, default=10_000_000)
    asked.add_argument("--times", type=int, default=3, help="restarts for each kind of opening")
    options = asked.parse_args()
    steps = options.steps
    spikes = dict.fromkeys((steps // 7, steps // 2 + 3, steps - 11), SPIKE)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        data = Path(folder)
        run = begin_run(data / "runs", "long")
        began = time.perf_counter()
        write_long(data / "runs" / run, steps, 500, spikes)
        written = time.perf_counter() - began
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with server(data=data) as lab:
            empty = lab.process.memory_info().rss / MIB
            cold = snapshot_s(lab, run)
            warm = [snapshot_s(lab, run) for _ in range(5)]
            drawn = [drawn_s(chromium, lab, run, before="/") for _ in range(options.times)]
            first_visits = [drawn_s(chromium, lab, run) for _ in range(options.times)]
            every, raw = zooms_s(lab, run, steps)
            seen = spikes_seen(lab, run, spikes, steps)
            folded = lab.process.memory_info().rss / MIB
        messages, pictures = open_again(data, run, chromium, options.times)
        with server(data=data) as lab:
            snapshot_s(lab, run)
            opened = lab.process.memory_info().rss / MIB
            zooms_s(lab, run, steps)
            zoomed = lab.process.memory_info().rss / MIB
        log, kept = (sum(one.stat().st_size for one in (data / "runs" / run).glob(which)) / MIB
                     for which in ("events-*.log", "derived/*"))  # fmt: skip
        chromium.close()
    rows = [
        ["log, and what is derived of it", f"{log:.0f} and {kept:.0f} MiB", "", ""],
        ["log written", f"{written:.1f} s", "", ""],
        ["first message, nothing derived yet: the log is folded", *_seconds([cold]), ""],
        ["first message, after a restart", *_seconds(messages), "0.5 s"],
        ["first message, open already", *_seconds(warm), ""],
        ["first picture in chromium, from the front page, after a restart", *_seconds(pictures), "0.5 s"],
        ["first picture in chromium, from the front page, open already", *_seconds(drawn), "0.5 s"],
        ["first picture in chromium, a first visit, open already", *_seconds(first_visits), ""],
        [f"zoom, {len(every)} windows of 10 to {steps:,} steps, 3 series", *_seconds(every), "0.2 s"],
        ["of these, down to single steps", *_seconds(raw), "0.2 s"],
        ["windows in which a spike of one step shows", f"{seen} of 15", "", "all"],
        ["server: empty, opened, zoomed", f"{empty:.0f}, {opened:.0f}, {zoomed:.0f} MiB", "", ""],
        ["server that folded the log itself", f"{folded:.0f} MiB", "", ""],
    ]
    show(f"A run of {steps:,} steps", ["what", "median", "most", "target"], rows)


def _seconds(values: list[float]) -> tuple[str, str]:
    return f"{statistics.median(values):.2f} s", f"{max(values):.2f} s"


if __name__ == "__main__":
    main()
