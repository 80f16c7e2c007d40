"""The best epoch's weights come back at the end, also where batch normalization was switched since then."""

import pytest

from tests.hard_life import live, make
from tests.test_law_of_resuming import WINE, check_law, turn
from tests.training import ended, of_kind, with_fields
from trainer.finished import take_up
from trainer.protocol import Epoch, Marked

FIRST_IS_BEST = {"early": {"enabled": True, "patience": 100, "min_delta": 10.0}}


def spec(normed):
    return with_fields(WINE, stopping=FIRST_IS_BEST, regularizers={"batch_norm": {"enabled": normed}})


def switches(*ons):
    """Return a script that switches batch normalization after the first epoch, which has 18 steps."""
    return {
        20 + 7 * place: [turn(f"to {on}, {place}", "regularizers.batch_norm", "enabled", on)]
        for place, on in enumerate(ons)
    }


@pytest.mark.parametrize("ons", [(False,), (True,), (True, False), (False, True)])
def test_the_best_weights_come_back_although_batch_normalization_was_switched_since(tmp_path, ons):
    folder = make(tmp_path / "run", spec(normed=not ons[0]))
    events = live(folder, switches(*ons))
    assert [one.text for one in of_kind(events, Marked) if one.kind == "best"]
    first = of_kind(events, Epoch)[0].metrics
    for name in ("validation.loss", "validation.accuracy"):
        assert ended(events).metrics[name] == pytest.approx(first[name], rel=1e-4)
    assert take_up(folder, {}), "the checkpoint has the network that its spec says"


@pytest.mark.parametrize("on", [False, True])
def test_they_come_back_alike_after_any_trouble(tmp_path, on):
    check_law(tmp_path, spec(normed=not on), switches(on))
