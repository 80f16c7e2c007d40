"""The instrument budget, on a clock that the test turns."""

from types import SimpleNamespace

from trainer.assembly import Switched
from trainer.budget import SLOW, Budget


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def budget(clock, share=0.03, **rates):
    probes = {name: Switched(SimpleNamespace(rate=rate), True) for name, rate in rates.items()}
    made = Budget(probes, share, clock)
    made.retune(watched=True)
    return made


def spend(made, clock, seconds, cost):
    """Train for so many seconds in steps of a millisecond; every look costs `cost`. Return seconds looked by name."""
    looked = {}
    end = clock.now + seconds
    while clock.now < end:
        clock.now += 0.001
        if name := made.due(clock.now):
            clock.now += cost[name]
            made.charge(name, cost[name])
            looked[name] = looked.get(name, 0) + 1
    return looked


def test_dear_probes_stay_under_their_share_together():
    clock = Clock()
    cost = {"weights": 0.02, "activations": 0.05}
    looked = spend(budget(clock, weights=50, activations=50), clock, 60, cost)
    share = sum(cost[name] * times for name, times in looked.items()) / 60
    assert 0.025 < share < 0.0315, f"{share:.4f} of the time went to {looked}"


def test_dear_and_cheap_probes_take_turns():
    clock = Clock()
    looked = spend(budget(clock, weights=50, norms=50), clock, 60, {"weights": 0.05, "norms": 0.0001})
    assert abs(looked["norms"] - looked["weights"]) <= 1
    assert looked["weights"] > 20


def test_a_cheap_probe_looks_at_its_own_rate():
    clock = Clock()
    looked = spend(budget(clock, norms=2), clock, 60, {"norms": 0.0001})
    assert 115 <= looked["norms"] <= 122


def test_unwatched_probes_look_more_rarely():
    clock = Clock()
    made = budget(clock, norms=2)
    made.retune(watched=False)
    looked = spend(made, clock, 60, {"norms": 0.0001})
    assert abs(looked["norms"] - 120 / SLOW) <= 2


def test_a_budget_of_nothing_lets_nothing_look_unless_asked():
    clock = Clock()
    made = budget(clock, share=0.0, norms=2)
    assert spend(made, clock, 10, {"norms": 0.0001}) == {}
    made.ask("norms", "a command")
    assert made.due(clock.now) == "norms"
    made.charge("norms", 0.001)
    assert made.answered("norms") == "a command"
    assert made.due(clock.now) is None


def test_the_account_says_what_was_spent_and_begins_anew():
    clock = Clock()
    made = budget(clock, norms=2)
    made.charge("norms", 0.01)
    assert made.account(clock.now) is None
    clock.now += 2
    told = made.account(clock.now)
    assert told.share == 0.005
    assert told.spent == {"norms": 0.01}
    clock.now += 2
    assert made.account(clock.now).spent == {}
