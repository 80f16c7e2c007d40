"""Sixty runs that are killed with their server, without it, and it without them: nothing lost, twice, wrong or hung."""

import pytest

from tests.crash.checking import References
from tests.crash.crashing import Crashing
from tests.crash.plans import KINDS, TRAINER_SITES, Plan, draw, spec_of
from tests.crash.reference import train_reference

SEED, CYCLES = 20_260_825, 60


@pytest.fixture(scope="session")
def references() -> References:
    """Uninterrupted runs, trained once for all tests here."""
    return References(train_reference)


def crash(folder, references, plans, **options):
    told = []
    tally = Crashing(folder, references, told.append, **options).run(plans)
    return tally, "\n".join(told)


@pytest.mark.timeout(900)
def test_runs_that_are_killed_in_every_way_come_out_as_if_nothing_had_been(tmp_path, references):
    tally, told = crash(tmp_path, references, [draw(SEED, number) for number in range(CYCLES)])
    assert tally.good, told
    assert tally.cycles == CYCLES
    assert tally.kills["trainer"] >= 10, tally.kills
    assert tally.kills["server"] + tally.kills["both"] + tally.kills["server point"] >= 2, tally.kills


@pytest.mark.timeout(900)
def test_kill_of_a_trainer_at_every_fault_point_leaves_no_trace(tmp_path, references):
    """The sweep: each site at its first, second and fifth time, side by side in one server."""
    plans = [
        Plan(0, number, "point", "momentum", spec_of("momentum", f"{number}"), f"{site}:{action}@{nth}")
        for number, (site, action, nth) in enumerate(
            (site, action, nth)
            for site, (often, actions) in TRAINER_SITES.items()
            for action in actions.split()
            for nth in (1, 2, 5)
            if nth <= often
        )
    ]
    tally, told = crash(tmp_path, references, plans)
    assert tally.good, told
    assert tally.cycles == len(plans)


def test_every_kind_of_cycle_is_drawn():
    assert {draw(SEED, number).kind for number in range(1_000)} == set(KINDS)
    assert draw(3, 7) == draw(3, 7) != draw(4, 7)
