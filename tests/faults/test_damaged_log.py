"""Damaged log (a flipped bit): the valid prefix stays visible, the run is flagged, others are untouched."""

import logging
import random
from pathlib import Path

import numpy as np
import pytest

from app.followed import Followed
from app.verify import verify
from tests.server import QUICK, Server
from tests.training import SMALL, train, with_fields
from trainer.runlog import frames

FLIPS = 1_000
VERIFIED_EVERY = 25
NAME = "loss.total"


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """A run that trained to its end."""
    folder = tmp_path_factory.mktemp("run") / "whole"
    train(folder, with_fields(SMALL, training=SMALL.training | {"epochs": 1}))
    return folder


def points(folder: Path) -> tuple[Followed, np.ndarray, np.ndarray]:
    followed = Followed(folder)
    followed.catch_up()
    steps, values = followed.series.points(NAME)
    return followed, steps, values.view("<u4")


def damaged_copy(run: Path, folder: Path, bit: int) -> Path:
    data = bytearray((run / "events-1.log").read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    folder.mkdir(exist_ok=True)
    (folder / "spec.json").write_text((run / "spec.json").read_text())
    (folder / "events-1.log").write_bytes(data)
    return folder


def test_a_bit_flipped_at_any_of_1000_offsets_is_flagged_at_its_byte_and_never_a_value(run, tmp_path, caplog):
    caplog.set_level(logging.ERROR)
    log = run / "events-1.log"
    whole = log.read_bytes()
    begins = [one.offset for one in frames(whole, log)]
    _, steps, bits = points(run)
    chance = random.Random(3)
    for number in range(FLIPS):
        bit = chance.randrange(len(whole) * 8)
        folder = damaged_copy(run, tmp_path / f"{number}", bit)
        followed, there, bits_there = points(folder)
        begin = max(one for one in begins if one <= bit // 8)
        assert f"damaged at byte {begin}:" in followed.damage, f"bit {bit}"
        assert there.tolist() == steps[: len(there)].tolist(), f"bit {bit}"
        assert bits_there.tolist() == bits[: len(there)].tolist(), f"bit {bit}"
        sound = sum(one < begin for one in begins)
        assert followed.position == [1, sound], f"bit {bit}"
        if number % VERIFIED_EVERY == 0:
            verdict = verify(folder)
            assert (verdict.entries, verdict.lost >= 1, verdict.duplicated, verdict.wrong) == (sound, True, 0, 0), bit
            assert f"events-1.log at byte {begin}:" in verdict.damage[0]


def test_a_damaged_run_is_flagged_by_the_server_and_the_run_beside_it_is_untouched(tmp_path):
    data = tmp_path / "data"
    with Server(data) as server:
        damaged, other = server.launch(QUICK), server.launch(QUICK | {"seed": 2})
        server.wait(damaged, "finished")
        server.wait(other, "finished")
        before = {one: server.ask("GET", f"/api/runs/{one}/series?width=20000")["series"] for one in (damaged, other)}
    log = data / "runs" / damaged / "events-1.log"
    whole = bytearray(log.read_bytes())
    begins = [one.offset for one in frames(bytes(whole), log)]
    at = begins[len(begins) * 2 // 3]
    whole[at + 20] ^= 8
    log.write_bytes(whole)
    with Server(data) as server:
        state = server.ask("GET", f"/api/runs/{damaged}")["state"]
        assert f"damaged at byte {at}:" in state["damage"]
        shown = server.ask("GET", f"/api/runs/{damaged}/series?width=20000")["series"][NAME]
        assert shown["step"] == before[damaged][NAME]["step"][: len(shown["step"])]
        assert shown["last"] == before[damaged][NAME]["last"][: len(shown["step"])]
        assert server.ask("GET", f"/api/runs/{other}/series?width=20000")["series"] == before[other]
        assert server.ask("GET", f"/api/runs/{other}")["state"]["damage"] == ""
        assert verify(data / "runs" / other).good
