"""Words that people type and bring along never run as a script, wherever a page shows them."""

import re

import pytest

from tests.app.test_uploads import bring
from tests.browser.conftest import READY
from tests.server import QUICK, Server
from tests.uploads import png, zipped

RAN = "window.ran = 1"
# what no page has, and these words would make of it; a script that the browser refuses is a console error too
FOREIGN = "img[src=x], [onerror], [onfocus], body script:not([src]):not([type])"
WORDS = {
    "element": f"<img src=x onerror='{RAN}'>",
    "script": f"</script><script>{RAN}</script>",
    "attribute": f'" autofocus onfocus="{RAN}" x=\'',
    "template": "{{ 7 * 7 }}${" + RAN + "}",
}


@pytest.fixture(scope="module", params=sorted(WORDS))
def hostile(server: Server, request) -> dict[str, str]:
    """Runs, a group and data sets that are called by one hostile word, and the pages that show them."""
    word = WORDS[request.param]
    quoted = word.replace('"', '""')
    rows = "".join(f'{number},{number % 5}.5,"{quoted}{number % 2}"\n' for number in range(40))
    upload = bring(server, f'n,"{quoted}","{quoted}2"\n{rows}', f"{word}.csv")
    kept = server.ask("POST", "/api/datasets", {"upload": upload, "name": word}, expect=201)
    inside = re.sub(r"[/\\]", "", word)
    images = {f"{inside}{kind}/{inside}{number}.png": png(colour) for kind, colour in ((1, "red"), (2, "blue"))
              for number in range(6)}  # fmt: skip
    waits = [bring(server, f'n,"{quoted}","{quoted}2"\n{rows}', f"{word}.csv"), bring(server, zipped(images), "z.zip")]
    dataset = {"name": "own", "params": {"data": kept["id"]}}
    spec = QUICK | {"name": word, "dataset": dataset, "training": {"epochs": 2, "batch_size": 8}}
    run = server.launch(spec)
    members = [{"label": f"{word}{seed}", "spec": spec | {"seed": seed}} for seed in (1, 2)]
    group = server.ask("POST", "/api/groups", {"name": word, "members": members, "lesson": word}, expect=201)
    for one in (run, *group["runs"]):
        server.wait(one, "finished")
    paths = ["/", f"/runs/{run}",
             f"/groups/{group['id']}", f"/data/{kept['id']}", "/data", "/storage", f"/new?from={run}",
             f"/compare?runs={','.join(group['runs'])}", *(f"/data/new?upload={one}" for one in waits)]  # fmt: skip
    return {"word": word, "paths": paths}


def test_no_page_runs_what_a_name_says(visit, server: Server, hostile):
    page = visit("/", name=hostile["word"][:40])
    shown = 0
    for path in hostile["paths"]:
        page.goto(server.address + path)
        page.wait_for_selector(READY, state="attached")
        assert not page.evaluate("'ran' in window"), path
        assert page.locator(FOREIGN).count() == 0, path
        shown += hostile["word"][:20] in page.content().replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    assert shown >= 4, "the word is on the pages, as text"
