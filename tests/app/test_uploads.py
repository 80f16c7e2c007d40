"""From a file to a data set over HTTP: brought in, looked at, kept, trained on, taken away, deleted."""

import asyncio
import errno
import io
import json
import os
import time
from html import unescape
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from ulid import ULID

from app.errors import DiskFull
from app.run_folder import RUN_ID
from app.uploads.own import OwnData
from app.uploads.waiting import KEPT_S, LOOK_EVERY_BYTES, MOST, Waiting
from tests.server import QUICK, ROOT, Server
from tests.uploads import PETS, TABLE, huge, packed, zipped
from trainer.own.words import WORDS

NOBODY = "01JD0000000000000000000000"
MIB = 1024**2


def bring(server: Server, content: bytes | str, name: str = "file.csv") -> str:
    """Upload a file and return its id."""
    body = content.encode() if isinstance(content, str) else content
    answer = server.http.post("/api/uploads", params={"name": name}, content=body, headers={"Content-Type": BYTES})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


BYTES = "application/octet-stream"


def keep(server: Server, content: bytes | str, name: str = "file.csv", expect: int = 201, **options) -> dict:
    """Upload a file, keep it as a data set, and return what is known of it."""
    body = {"upload": bring(server, content, name), "options": options}
    return server.ask("POST", "/api/datasets", body, expect=expect)


def on(kept: dict, name: str = "quick") -> dict:
    """Return the spec of a short run on an own data set."""
    dataset = {"name": "own", "params": {"data": kept["id"]}}
    return QUICK | {"name": name, "dataset": dataset, "training": {"epochs": 2, "batch_size": 8}}


def test_a_table_becomes_a_data_set_that_a_run_trains_on(server):
    upload = bring(server, TABLE, "점수.csv")
    preview = server.ask("POST", f"/api/uploads/{upload}/preview", {})
    assert preview["upload"] == {"id": upload, "name": "점수.csv", "bytes": len(TABLE.encode())}
    assert (preview["kind"], preview["options"]["target"], preview["problems"]) == ("csv", "label", [])
    kept = server.ask("POST", "/api/datasets", {"upload": upload, "name": "  우리 반 \n 점수  "}, expect=201)
    assert RUN_ID.fullmatch(kept["id"])
    assert (kept["name"], kept["origin"]["file"], kept["classes"]) == ("우리 반 점수", "점수.csv", ["ham", "spam"])
    assert server.ask("GET", "/api/datasets")["own"][0] == kept == server.ask("GET", f"/api/datasets/{kept['id']}")
    run = server.launch(on(kept))
    assert "test.accuracy" in server.wait(run, "finished")["metrics"]


def test_a_run_and_a_comparison_say_their_own_data_by_its_name(tmp_path):
    with Server(tmp_path / "data") as server:
        kept = keep(server, TABLE, "marks.csv")
        own = server.launch(on(kept))
        server.wait(own, "finished")
        other = server.launch(QUICK)
        server.wait(other, "finished")
        page = server.http.get(f"/compare?runs={own},{other}").text
        assert f'"dataset.params.data={kept["id"]}": "marks"' in unescape(page)
    with Server(tmp_path / "data") as again:
        card = again.ask("GET", f"/api/runs/{own}")
        assert (card["dataset"], card["dataset_name"]) == ("own", "marks")
        assert "marks · mlp" in again.http.get("/").text


def test_a_form_offers_what_there_is_at_the_moment(server):
    kept = keep(server, TABLE, "offered.csv")
    field = server.ask("GET", "/api/catalog")["datasets"]["own"]["properties"]["data"]
    assert {"id": kept["id"], "title": "offered"} in field["x-options"]
    page = server.http.get(f"/new?dataset=own&dataset.data={kept['id']}").text
    assert f'<option value="{kept["id"]}" selected>offered</option>' in page
    server.ask("DELETE", f"/api/datasets/{kept['id']}")
    field = server.ask("GET", "/api/catalog")["datasets"]["own"]["properties"]["data"]
    assert kept["id"] not in [one["id"] for one in field["x-options"]]


def test_the_pages_of_data_say_components_in_the_language_of_the_reader(server):
    korean = {"Accept-Language": "ko"}
    for path in ("/data", "/data/imdb"):
        page = server.http.get(path, headers=korean).text
        assert "영화 리뷰 50,000개" in page, path
        assert "reviews of films" not in page, path


def test_an_upload_waits_until_it_is_forgotten(server):
    upload = bring(server, TABLE)
    first = server.ask("POST", "/api/datasets", {"upload": upload, "name": "first"})
    second = server.ask("POST", "/api/datasets", {"upload": upload, "options": {"target": "성별"}})
    assert (first["target"], second["target"]) == ("label", "성별")
    server.ask("DELETE", f"/api/uploads/{upload}", expect=204)
    server.ask("POST", f"/api/uploads/{upload}/preview", {}, expect=404)
    server.ask("DELETE", f"/api/uploads/{upload}", expect=404)
    assert server.ask("GET", f"/api/datasets/{first['id']}") == first


def test_arrays_and_images_become_data_sets_too(server):
    arrays = keep(server, packed(x=np.random.default_rng(0).normal(size=(60, 4)), y=np.arange(60) % 3), "a.npz")
    pets = keep(server, zipped(PETS), "pets.zip", size=8, colour="grey")
    assert (arrays["name"], arrays["shape"], pets["name"], pets["shape"]) == ("a", [4], "pets", [1, 8, 8])
    for kept, shape in ((arrays, [4]), (pets, [1, 8, 8])):
        plan = server.ask("POST", "/api/plans", on(kept))
        assert plan["plan"]["input_shape"] == shape
    look = server.ask("GET", f"/api/datasets/{pets['id']}/look?dataset.scaling=unit")
    assert look["columns"][0]["after"]["most"] == 1
    assert look["images"][0]["src"].startswith("data:image/png;base64,")


def test_a_look_reads_the_query_as_a_form_has_it(server):
    look = server.ask("GET", "/api/datasets/wine/look?dataset.validation=0.3&dataset.scaling=unit&first=12&count=5")
    assert (look["samples"]["validation"], look["first"], len(look["columns"])) == (53, 12, 1)
    wrong = server.ask("GET", "/api/datasets/wine/look?dataset.validation=much", expect=422)
    assert wrong["problems"][0]["path"] == "dataset.params.validation"
    server.ask("GET", "/api/datasets/whine/look", expect=404)
    server.ask("GET", f"/api/datasets/{NOBODY}/look", expect=422)


def test_what_cannot_be_taken_is_a_422_with_its_place(server):
    told = server.ask("POST", f"/api/uploads/{bring(server, b'')}/preview", {}, expect=422)
    assert [one["key"] for one in told["problems"]] == ["empty"]
    told = keep(server, TABLE, expect=422, target="nothing")
    assert (told["problems"][0]["path"], told["title"]) == ("target", "This file cannot be taken so")
    assert server.ask("POST", "/api/datasets", {"upload": NOBODY}, expect=404)
    server.ask("POST", "/api/datasets", {"upload": bring(server, TABLE), "options": {"nothing": 1}}, expect=422)
    assert not list((server.folder / "datasets").glob(".*"))


def test_a_data_set_that_runs_use_stays(server):
    kept = keep(server, TABLE)
    run = server.launch(on(kept, "needs it"))
    server.wait(run, "finished")
    told = server.ask("DELETE", f"/api/datasets/{kept['id']}", expect=409)
    assert "'needs it'" in told["detail"]
    server.ask("DELETE", f"/api/runs/{run}")
    server.ask("DELETE", f"/api/datasets/{kept['id']}", expect=409)
    server.ask("POST", "/api/storage/free", {"trash": True})
    server.ask("DELETE", f"/api/datasets/{kept['id']}", expect=204)
    server.ask("GET", f"/api/datasets/{kept['id']}", expect=404)
    assert not (server.folder / "datasets" / kept["id"]).exists()
    told = server.ask("POST", "/api/plans", on(kept), expect=422)
    assert told["problems"][0]["path"] == "dataset.params.data"


def test_only_own_data_sets_can_be_deleted(server):
    assert server.ask("DELETE", "/api/datasets/wine", expect=403)["detail"].startswith("wine is built in")
    server.ask("DELETE", f"/api/datasets/{NOBODY}", expect=404)
    server.ask("DELETE", "/api/datasets/..%2f..%2fruns", expect=404)


def test_a_data_set_is_taken_away_as_an_attachment(server):
    kept = keep(server, TABLE, '"><script>.csv')
    answer = server.http.get(f"/api/datasets/{kept['id']}/table.npz")
    assert answer.headers["content-disposition"] == f'attachment; filename="{kept["id"]}.npz"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    with np.load(io.BytesIO(answer.content), allow_pickle=False) as table:
        assert table["inputs"].shape == (40, 2)
    assert server.http.get(f"/api/datasets/{NOBODY}/table.npz").status_code == 404


@pytest.mark.parametrize("id", ["..", "../../etc/passwd", "%2e%2e%2fruns", NOBODY[:-1] + "i", "x" * 300, "a b", "\x00"])
def test_no_id_leads_out_of_the_data_folder(server, id):
    for method, path in (("POST", f"/api/uploads/{id}/preview"), ("DELETE", f"/api/uploads/{id}"),
                         ("GET", f"/api/datasets/{id}"), ("DELETE", f"/api/datasets/{id}"),
                         ("GET", f"/api/datasets/{id}/look"), ("GET", f"/api/datasets/{id}/table.npz")):  # fmt: skip
        answer = server.http.request(method, path.replace("\x00", "%00").replace(" ", "%20"), json={})
        assert answer.status_code in (404, 405, 422), (method, path)
    told = server.ask("POST", "/api/datasets", {"upload": id[:200]}, expect=404)
    assert told["title"] == "No such upload"


def test_an_upload_over_the_limit_is_refused_and_nothing_stays(tmp_path):
    with Server(tmp_path / "data", LIVEFIT_UPLOAD_LIMIT="1 MB") as server:
        headers = {"Content-Type": BYTES}
        said = server.http.post("/api/uploads", content=b"x" * 1_000_001, headers=headers)
        unsaid = server.http.post("/api/uploads", content=(b"x" * 65536 for _ in range(20)), headers=headers)
        assert (said.status_code, unsaid.status_code) == (413, 413)
        assert "at most 1,000,000 bytes" in said.json()["detail"]
        assert not list((server.folder / "uploads").glob("*"))


HOSTILE = {
    "a million columns": b"1," * 1_000_000 + b"1\n",
    "50,000 x 50,000 pixels": zipped(PETS | {"pets/cat/0.png": huge()}),
    "an array of zeros": packed(x=np.zeros((60, 3_000_000), np.uint8), y=np.arange(60)),
    "one long cell": b'a,b\n1,"' + b"x" * 40 * MIB,
    "bytes": os.urandom(40 * MIB),
}


def test_hostile_files_are_refused_in_a_sentence_with_the_server_s_memory_flat(tmp_path):
    """How soon is tested where they are read, in seconds of a processor: here others may have it."""
    with Server(tmp_path / "data") as server:
        bring(server, TABLE)
        server.ask("POST", f"/api/uploads/{bring(server, TABLE)}/preview", {})  # the fork server is ready
        process = psutil.Process(server.process.pid)
        before = process.memory_info().rss
        for name, content in HOSTILE.items():
            upload = bring(server, content, name)
            answer = server.http.post(f"/api/uploads/{upload}/preview", json={})
            problems = answer.json()["problems"]
            assert [one["key"] in WORDS for one in problems] == [True], f"{name}: {answer.text[:300]}"
            grown = process.memory_info().rss - before
            assert grown < 24 * MIB, f"{name}: the server grew by {grown / MIB:.0f} MiB"


def test_uploads_that_nobody_keeps_go_after_a_day_and_the_oldest_when_they_are_many(tmp_path):
    waiting = Waiting(tmp_path)
    waiting.folder.mkdir()
    now = time.time()
    ids = [str(ULID.from_timestamp(now - KEPT_S - 60)), *(str(ULID.from_timestamp(now - n)) for n in range(MOST + 3))]
    for id in ids:
        (waiting.folder / f"{id}.bin").write_bytes(b"x")
        (waiting.folder / f"{id}.json").write_text(json.dumps({"id": id, "name": "x", "bytes": 1}))
    waiting.tidy()
    left = {one.stem for one in waiting.folder.iterdir()}
    assert left == set(sorted(ids)[-MOST:])
    assert ids[0] not in left


def test_what_was_put_beside_uploads_by_hand_stays_and_harms_none(tmp_path):
    waiting = Waiting(tmp_path)
    waiting.folder.mkdir()
    (waiting.folder / "mine.bin").write_bytes(b"x")
    known = asyncio.run(waiting.take(chunks(b"a,b"), "x", "", lambda: None))
    assert waiting.known(known["id"])[0].read_bytes() == b"a,b"
    assert (waiting.folder / "mine.bin").exists()


@pytest.mark.parametrize("meta", ["[]", "{}", '{"name": 5}', "no json", '{"id": "x", "name": "y"}'])
def test_a_folder_that_is_no_data_set_is_passed_over(tmp_path, meta):
    (tmp_path / "datasets" / NOBODY).mkdir(parents=True)
    (tmp_path / "datasets" / NOBODY / "meta.json").write_text(meta)
    lab = SimpleNamespace(settings=SimpleNamespace(data_dir=tmp_path), data_names={})
    assert OwnData(lab, Waiting(tmp_path)).every() == []
    assert lab.data_names == {}


async def chunks(*parts: bytes | Exception):
    for one in parts:
        if isinstance(one, Exception):
            raise one
        yield one


@pytest.mark.parametrize("trouble", [DiskFull("no room"), OSError(errno.ENOSPC, "No space left on device")])
def test_a_disk_that_fills_up_under_way_keeps_nothing(tmp_path, trouble):
    waiting = Waiting(tmp_path)
    big = bytes(LOOK_EVERY_BYTES)
    calls = []

    def check_room():
        calls.append(1)
        if len(calls) == 3:
            raise trouble

    with pytest.raises(DiskFull):
        asyncio.run(waiting.take(chunks(big, big, big), "x", "", check_room))
    assert len(calls) == 3, "before it is read, and again as it grows"
    assert list(waiting.folder.iterdir()) == []


def test_every_refusal_is_in_the_catalogue_of_words_as_it_is_said():
    english = json.loads((ROOT / "static" / "texts" / "en.json").read_text(encoding="utf-8"))
    said = {key.removeprefix("upload.bad."): text for key, text in english.items() if key.startswith("upload.bad.")}
    assert said == WORDS
