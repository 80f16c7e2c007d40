"""Downloads by the real code from a real server: whole and checked, gone on with, or refused in words."""

import hashlib
import socket
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.file_server import serving
from tests.tables import idx_bytes
from tests.training import ended, train
from tests.waiting import wait_for
from trainer import downloads
from trainer.datasets.mnist import Mnist
from trainer.downloads import Unavailable, fetch, source
from trainer.plan import answer
from trainer.spec import Choice, RunSpec

DATA = bytes(range(256)) * 4000  # 1 MB: several pieces


@pytest.fixture
def web(tmp_path, monkeypatch):
    """A server that has the file of the data set `toy` under /a and /b, and a cache of its own."""
    monkeypatch.setenv("LIVEFIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("LIVEFIT_OFFLINE", "0")
    with serving(a=DATA, b=DATA) as served:
        register(tmp_path, monkeypatch, f"{served.url}/a", f"{served.url}/b")
        yield served
    downloads.registry.cache_clear()


def register(tmp_path, monkeypatch, *urls):
    """Know one data set, `toy`, with one file."""
    written = ", ".join(f'"{url}"' for url in urls)
    (tmp_path / "registry.toml").write_text(f"""
[toy]
title = "Toy"
licence = "none"
citation = "this file"
by_hand = ["toy.txt"]
instead = "digits"
[[toy.files]]
name = "toy.bin"
bytes = {len(DATA)}
sha256 = "{hashlib.sha256(DATA).hexdigest()}"
urls = [{written}]
""")
    monkeypatch.setattr(downloads, "REGISTRY", tmp_path / "registry.toml")
    downloads.registry.cache_clear()


def test_a_file_is_downloaded_once_and_kept(web, tmp_path):
    told = []
    path = fetch("toy", lambda *one: told.append(one))["toy.bin"]
    assert path == tmp_path / "cache" / "toy" / "toy.bin"
    assert path.read_bytes() == DATA
    assert {(what, total) for what, _, total in told} == {("Toy", len(DATA))}
    came = [done for _, done, _ in told]
    assert came == sorted(came)
    assert came[-1] == len(DATA)
    assert fetch("toy")["toy.bin"] == path
    assert web.asked == [("a", 0)]
    assert [one.name for one in path.parent.iterdir() if not one.name.startswith(".")] == ["toy.bin"]


def test_a_download_that_is_cut_off_goes_on_where_it_was(web):
    web.cut_at["a"] = [300_000, 700_000]
    assert fetch("toy")["toy.bin"].read_bytes() == DATA
    assert [name for name, _ in web.asked] == ["a", "a", "a"]
    firsts = [first for _, first in web.asked]
    assert 0 == firsts[0] < firsts[1] <= 300_000 < firsts[2] <= 700_000


def test_a_download_that_broke_off_in_another_process_goes_on(web, tmp_path):
    part = tmp_path / "cache" / "toy" / "toy.bin.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(DATA[:1000])
    assert fetch("toy")["toy.bin"].read_bytes() == DATA
    assert web.asked == [("a", 1000)]


def test_a_server_that_knows_no_ranges_is_asked_for_the_whole(web, tmp_path):
    web.ranges = False
    web.cut_at["a"] = [300_000]
    assert fetch("toy")["toy.bin"].read_bytes() == DATA


@pytest.mark.parametrize("rest", [b"something else", DATA + b"more than there is"])
def test_a_beginning_that_is_not_this_files_is_thrown_away(web, tmp_path, rest):
    part = tmp_path / "cache" / "toy" / "toy.bin.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(rest)
    assert fetch("toy")["toy.bin"].read_bytes() == DATA
    assert web.asked[-1] == ("a", 0)


def test_another_address_is_tried_when_one_does_not_have_it(web):
    del web.files["a"]
    assert fetch("toy")["toy.bin"].read_bytes() == DATA
    assert web.asked == [("a", 0), ("b", 0)]


def test_another_address_is_tried_when_one_has_another_file(web):
    web.files["a"] = DATA[::-1]
    assert fetch("toy")["toy.bin"].read_bytes() == DATA


def test_a_file_with_another_checksum_is_never_kept(web, tmp_path):
    web.files.update(a=b"hello", b=DATA[:-1] + b"x")
    with pytest.raises(
        Unavailable, match=r"127\.0\.0\.1:\d+ has another file of that name: its sha256 is not"
    ) as caught:
        fetch("toy")
    assert "Take digits, which needs no download" in caught.value.hint
    assert f"put toy.txt into {tmp_path / 'cache'} by hand" in caught.value.hint
    assert not list((tmp_path / "cache" / "toy").glob("toy*"))
    assert not source("toy").is_here()


def test_a_file_that_has_no_end_is_not_taken(web, tmp_path):
    web.endless = True
    with pytest.raises(Unavailable, match="sends more than the 1,024,000 bytes"):
        fetch("toy")
    assert not list((tmp_path / "cache" / "toy").glob("toy*"))


def test_without_a_network_it_says_what_to_do(tmp_path, monkeypatch, web):
    with socket.socket() as taken:  # a port on which nobody listens
        taken.bind(("127.0.0.1", 0))
        register(tmp_path, monkeypatch, f"http://127.0.0.1:{taken.getsockname()[1]}/a", "http://no.such.host.invalid/a")
        with pytest.raises(Unavailable) as caught:
            fetch("toy")
    told = str(caught.value)
    assert told.startswith("Toy is not on this machine and could not be downloaded: 127.0.0.1:")
    assert "refuses the connection; no.such.host.invalid cannot be" in told


def test_offline_nothing_is_asked(web, monkeypatch):
    monkeypatch.setenv("LIVEFIT_OFFLINE", "1")
    with pytest.raises(Unavailable, match="LIVEFIT_OFFLINE forbids downloads"):
        fetch("toy")
    assert not web.asked


def test_a_file_that_was_put_there_by_hand_is_taken_as_it_is(web, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "toy.txt").write_text("mine")
    assert fetch("toy") == {"toy.txt": tmp_path / "cache" / "toy.txt"}
    assert not web.asked


def test_a_kept_file_that_was_damaged_is_downloaded_again(web):
    path = fetch("toy")["toy.bin"]
    path.write_bytes(b"rotten")
    assert fetch("toy")["toy.bin"].read_bytes() == DATA


def test_a_cache_that_cannot_be_written_is_named(web, tmp_path, monkeypatch):
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("LIVEFIT_CACHE", str(tmp_path / "a file"))
    with pytest.raises(Unavailable, match="a file/toy cannot be written: Not a directory"):
        fetch("toy")


def test_two_that_want_the_same_download_it_once(web):
    web.hold = threading.Event()
    found, told = [], []
    first = threading.Thread(target=lambda: found.append(fetch("toy")))
    first.start()
    wait_for(lambda: web.asked)
    second = threading.Thread(target=lambda: found.append(fetch("toy", lambda *one: told.append(one))))
    second.start()
    wait_for(lambda: told and told[-1][0] == "Toy")
    web.hold.set()
    first.join()
    second.join()
    assert found[0] == found[1]
    assert web.asked == [("a", 0)]


def test_a_run_downloads_what_it_lacks_and_trains_on_it(web, tmp_path, monkeypatch):
    monkeypatch.setattr(Mnist, "COUNT", (12, 5))
    chance = np.random.default_rng(0)
    for part, n in (("train", 12), ("t10k", 5)):
        images, labels = chance.integers(0, 256, (n, 28, 28), np.uint8), chance.integers(0, 10, n, np.uint8)
        web.files |= {f"mnist/{part}-images-idx3-ubyte.gz": idx_bytes(images)}
        web.files |= {f"mnist/{part}-labels-idx1-ubyte.gz": idx_bytes(labels)}
    written = Path(downloads.__file__).with_suffix(".toml").read_text()
    for file in downloads.tomllib.loads(written)["mnist"]["files"]:
        known = hashlib.sha256(web.files[f"mnist/{file['name']}"]).hexdigest()
        written = written.replace(file["sha256"], known)
    (tmp_path / "registry.toml").write_text(written)
    downloads.registry.cache_clear()
    monkeypatch.setenv("LIVEFIT_MIRROR", web.url)
    spec = RunSpec(dataset=Choice(name="mnist", params={"validation_rows": 3}), training={"epochs": 2, "batch_size": 4})
    assert answer(spec.model_dump())["plan"]["download"]["title"] == "MNIST"
    assert ended(train(tmp_path / "run", spec)).step == 6
    assert len(web.asked) == 4
    assert answer(spec.model_dump())["plan"]["download"] is None
    assert ended(train(tmp_path / "again", spec)).step == 6
    assert len(web.asked) == 4


def test_the_registry_is_whole():
    downloads.registry.cache_clear()
    for wanted in downloads.registry().values():
        assert wanted.files or wanted.by_hand
        assert wanted.title
        assert wanted.licence
        assert wanted.citation
        for file in wanted.files:
            kind, _, known = file.known_as.partition(":")
            assert len(bytes.fromhex(known)) == {"sha256": 32, "md5": 16}[kind]
            assert 0 < file.bytes < 100_000_000
            assert all(url.startswith(("https://", "http://fashion-mnist.s3-website")) for url in file.urls)


def test_the_command_line_says_what_is_here_and_what_is_not(web, capsys):
    assert downloads.main(["toy"]) == 0
    assert "toy: here" in capsys.readouterr().out
    assert downloads.main(["tay"]) == 1
    assert "Did you mean 'toy'?" in capsys.readouterr().err
