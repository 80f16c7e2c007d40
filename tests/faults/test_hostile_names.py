"""Names that shall lead out of the data folder: nothing beyond it is read or written, and each is refused in words."""

import pytest

from tests.app.test_uploads import TABLE, bring, keep
from tests.server import QUICK, ROOT
from tests.uploads import png, zipped

SECRET = "what stands beside the data folder"
OUT = [
    "..", "../secret.txt", "../../secret.txt", "..\\secret.txt", "..\\..\\secret.txt", "....//secret.txt",
    "./../secret.txt", "..;/secret.txt", "/etc/passwd", "//etc/passwd", "file:///etc/passwd", "C:\\secret.txt",
    "\\\\host\\share", "~root", "..\x00", "secret.txt\x00.png", "..\uff0fsecret.txt", "..\u2215secret.txt",
    "a/../../secret.txt", "../pyproject.toml", "js/../../pyproject.toml",
]  # fmt: skip
PLACES = [
    "/api/runs/{}", "/api/runs/{}/checkpoints", "/api/runs/{}/spec.yaml", "/api/runs/{run}/checkpoints/{}",
    "/api/runs/{run}/checkpoints/{}/network.safetensors", "/api/runs/{run}/captures/{}", "/api/datasets/{}",
    "/api/datasets/{}/look", "/api/groups/{}", "/api/lessons/{}", "/api/surfaces/{}", "/static/{}", "/static/v-x/{}",
    "/runs/{}", "/groups/{}", "/lessons/{}", "/data/{}",
]  # fmt: skip


def encoded(text, times):
    """Return a text as it stands in an address, each byte encoded so often; what decodes too often is led out."""
    for _ in range(times):
        text = "".join(f"%{byte:02x}" for byte in text.encode())
    return text


@pytest.fixture(scope="module")
def run(server):
    run_id = server.launch(QUICK)
    server.wait(run_id, "finished")
    return run_id


@pytest.fixture
def beside(server):
    """What stands beside the data folder, with a secret among it; afterwards it must be as it was."""
    secret = server.folder.parent / "secret.txt"
    secret.write_text(SECRET)
    before = sorted(server.folder.parent.iterdir())
    yield
    assert sorted(server.folder.parent.iterdir()) == before
    assert not (ROOT / secret.name).exists()
    assert secret.read_text() == SECRET


@pytest.mark.parametrize("place", PLACES)
def test_no_address_leads_out_of_what_is_served(server, run, beside, place):
    for name in OUT:
        for times in (1, 2):
            address = place.format(encoded(name, times), run=run)
            answer = server.http.get(address)
            assert 400 <= answer.status_code < 500, (address, answer.status_code)
            assert not any(one in answer.text for one in (SECRET, "root:x:", "[project]")), address


@pytest.mark.parametrize("name", OUT)
def test_no_name_in_a_body_leads_out_of_the_data_folder(server, run, beside, name):
    own = {"dataset": {"name": "own", "params": {"data": name}}}
    starts = [{"run": name, "checkpoint": "step-1"}, {"run": run, "checkpoint": name}]
    for spec in (own, *({"start": one} for one in starts), {"dataset": {"name": name}}):
        assert server.ask("POST", "/api/runs", QUICK | spec, expect=422)["detail"]
    body = {"upload": name, "name": "mine"}
    assert server.http.post("/api/datasets", json=body).status_code in (404, 422)
    assert server.http.post("/api/storage/free", json={"runs": [name], "delete": True}).status_code in (404, 422)


@pytest.mark.parametrize("name", [one for one in OUT if "\x00" not in one])
def test_a_file_s_name_is_a_word_and_no_place(server, beside, name):
    kept = keep(server, TABLE, name)
    images = {f"{name}/{kind}/{number}.png": png(colour) for kind, colour in (("a", "red"), ("b", "blue"))
              for number in range(6)}  # fmt: skip
    upload = bring(server, zipped(images), f"{name}.zip")
    told = server.http.post(f"/api/uploads/{upload}/preview", json={}).json()
    # a folder that begins with a dot is hidden, so its images are none
    assert told["problems"] or sorted(one["name"] for one in told["classes"]) == ["a", "b"]
    written = {path.name for part in ("datasets", "uploads") for path in (server.folder / part).rglob("*")}
    assert kept["id"] in written
    assert not any("secret" in one or "passwd" in one for one in written)
