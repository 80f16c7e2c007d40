"""The instrument budget, on a clock that the test turns."""

import time
from types import SimpleNamespace

from trainer.assembly import Switched
from trainer.budget import SLOW, Budget
from trainer.loop import TIME_EVERY, Looker


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def budget(clock, share=0.03, **rates):
    probes = {
        name: Switched(SimpleNamespace(rate=rate, at_evaluations=name == "confusion"), True)
        for name, rate in rates.items()
    }
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
    assert made.answered("norms") == ["a command"]
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


def judge(made, clock, seconds, each, cost):
    """Train for so many seconds with an evaluation every `each`, looking at what is due; return the looks."""
    looks = 0
    for _ in range(round(seconds / each)):
        clock.now += each
        if "confusion" in made.due_at_evaluation(clock.now):
            clock.now += cost
            made.charge("confusion", cost)
            looks += 1
    return looks


def test_a_probe_of_evaluations_has_no_turn_between_steps():
    clock = Clock()
    made = budget(clock, confusion=50, norms=50)
    assert set(spend(made, clock, 5, {"norms": 0.0001, "confusion": 0.0001})) == {"norms"}
    assert made.due_at_evaluation(clock.now) == ["confusion"]


def test_a_dear_probe_of_evaluations_alone_keeps_to_the_share():
    clock = Clock()
    looks = judge(budget(clock, confusion=50), clock, 60, 0.1, 0.03)
    assert 0.02 < looks * 0.03 / 60 < 0.0315


def test_a_dear_probe_of_evaluations_leaves_half_of_the_share_to_the_others_who_wait_for_the_rest():
    clock = Clock()
    made = budget(clock, confusion=50, norms=50)
    spent = {"confusion": 0.0, "norms": 0.0}
    for _ in range(600):
        spent["norms"] += spend(made, clock, 0.1, {"norms": 0.01}).get("norms", 0) * 0.01
        spent["confusion"] += judge(made, clock, 0.001, 0.001, 0.03) * 0.03
    seconds = clock.now - 100
    assert sum(spent.values()) / seconds < 0.0315, spent
    assert min(spent.values()) / seconds > 0.01, spent


def test_the_last_evaluation_is_looked_at_whatever_it_costs_unless_nothing_may():
    clock = Clock()
    made = budget(clock, confusion=2)
    made.charge("confusion", 10.0)
    assert made.due_at_evaluation(clock.now) == []
    assert made.due_at_evaluation(clock.now, last=True) == ["confusion"]
    assert budget(clock, share=0.0, confusion=2).due_at_evaluation(clock.now, last=True) == []


def test_a_probe_of_evaluations_that_is_asked_for_waits_for_the_next():
    clock = Clock()
    made = budget(clock, share=0.0, confusion=2)
    made.ask("confusion", "a command")
    assert made.due(clock.now) is None
    assert made.due_at_evaluation(clock.now) == ["confusion"]
    made.charge("confusion", 0.001)
    assert made.answered("confusion") == ["a command"]


def test_what_numbers_cost_is_the_processors_time_and_not_that_of_others_who_had_it():
    charged = {}
    looker = Looker.__new__(Looker)
    looker._run = SimpleNamespace(step=TIME_EVERY)
    looker._reporter = SimpleNamespace(step=lambda *_: time.sleep(0.05))
    looker._budget = SimpleNamespace(charge=charged.__setitem__)
    looker.numbers({}, 0.1)
    assert charged["report"] < 0.05 * TIME_EVERY / 4


def test_two_who_ask_for_the_same_probe_share_one_look():
    clock = Clock()
    made = budget(clock, share=0.0, norms=2)
    made.ask("norms", "hers")
    made.ask("norms", "his")
    assert made.due(clock.now) == "norms"
    assert made.answered("norms") == ["hers", "his"]
    assert made.answered("norms") == []
    assert made.due(clock.now) is None
