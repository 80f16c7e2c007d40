"""The paths of optimizers: the numbers of Deep Learning from Scratch, and what is refused."""

import base64
import math

import numpy as np
import pytest
import torch

from trainer.catalog import CATALOG
from trainer.component import ParameterError
from trainer.paths import MAX_OPTIMIZERS, MAX_STEPS, answer, descend, surface, surfaces
from trainer.surfaces import BOWL, SURFACES, Surface

# point after 29 updates, length of the way, flips of y: curriculum B.1, reproduced with the original NumPy classes
BOOK = [
    ("sgd", {"lr": 0.95}, (-0.3872, -0.0942), 36.8, 29),
    ("sgd", {"lr": 0.1, "momentum": 0.9}, (0.8141, 0.2729), 12.6, None),
    ("adagrad", {"lr": 1.5, "eps": 1e-7}, (-0.1362, 0.0), 7.56, 0),
    ("adam", {"lr": 0.3, "eps": 1e-6}, (0.0201, 0.3220), 8.2, None),
    ("sgd", {"lr": 0.1, "momentum": 0.9, "nesterov": True}, (0.6193, 0.0074), None, None),
    ("rmsprop", {"lr": 0.1, "rho": 0.99, "eps": 1e-7}, (-0.7482, 0.0), None, 0),
]


def optimizer(name, **params):
    return CATALOG["optimizers"][name](**params)


def on_bowl(name, steps=29, **params):
    return descend(BOWL, (-7, 2), steps, optimizer(name, **params))


@pytest.mark.parametrize(("name", "params", "end", "length", "flips"), BOOK)
def test_it_ends_where_the_book_ends(name, params, end, length, flips):
    path = on_bowl(name, **params)
    assert (round(path["x"][-1], 4), round(path["y"][-1], 4)) == pytest.approx(end, abs=1e-9)
    assert len(path["x"]) == 30
    if length:
        digits = 2 if length < 8 else 1
        assert round(path["length"][-1], digits) == length
    if flips is not None:
        assert path["flips_y"][-1] == flips


def test_adagrad_comes_lowest_in_the_book_and_momentum_rolls_past():
    heights = {f"{name} {params}": on_bowl(name, **params)["f"][-1] for name, params, *_ in BOOK[:4]}
    assert min(heights, key=heights.get).startswith("adagrad")
    assert min(heights.values()) == pytest.approx(9.3e-4, rel=0.01)
    assert on_bowl("sgd", lr=0.1, momentum=0.9)["flips_x"][-1] == 1


def test_the_bowl_begins_with_the_books_lineup():
    assert BOWL.lineup == [(name, params) for name, params, *_ in BOOK[:4]]


@pytest.mark.parametrize("ground", SURFACES.values(), ids=lambda one: one.name)
def test_it_is_level_at_its_centres_and_its_lineup_sets_out_inside_the_picture(ground: Surface):
    for centre in ground.centres:
        point = torch.tensor(centre, dtype=torch.float64, requires_grad=True)
        ground.at(point).backward()
        assert point.grad.abs().max() < 1e-9
    left, right, low, high = ground.window
    assert left < ground.start[0] < right
    assert low < ground.start[1] < high
    asked = {
        "surface": ground.name,
        "start": list(ground.start),
        "steps": ground.steps,
        "optimizers": [{"name": name, "params": params} for name, params in ground.lineup],
    }
    assert all(path["left"] is None for path in answer(asked)["paths"])


def test_curvatures_are_those_of_the_first_centre():
    assert BOWL.curvatures() == pytest.approx([0.1, 2.0])
    assert SURFACES["saddle"].curvatures() == pytest.approx([-2, 2])


def test_the_best_steps_on_the_bowl_are_those_of_distill_and_keep_their_rates():
    best = BOWL.best()
    plain, rolling = best["plain"], best["rolling"]
    assert plain["params"]["lr"] == pytest.approx(0.952, abs=5e-4)
    assert plain["rate"] == pytest.approx(0.905, abs=5e-4)
    assert rolling["params"] == pytest.approx({"lr": 1.3358, "momentum": 0.4026}, abs=5e-5)
    assert rolling["rate"] == pytest.approx(0.6345, abs=5e-5)
    for one in (plain, rolling):
        path = on_bowl("sgd", steps=60, **one["params"])
        away = [math.hypot(x, y) for x, y in zip(path["x"], path["y"], strict=True)]
        # momentum turns round its centre: the mean over many steps, which a factor of the step number still lifts
        assert (away[60] / away[20]) ** (1 / 40) == pytest.approx(one["rate"], abs=0.02)
    assert SURFACES["saddle"].best() is None


def test_heights_come_row_by_row_from_the_lowest_y():
    told = surface("two_minima")
    rows, columns = told["shape"]
    heights = np.frombuffer(base64.b64decode(told["heights"]), "<f4").reshape(rows, columns)
    left, right, low, high = told["window"]
    for row, column in ((0, 0), (rows - 1, 3), (7, columns - 1)):
        x, y = left + (right - left) * column / (columns - 1), low + (high - low) * row / (rows - 1)
        assert heights[row, column] == pytest.approx((x**2 - 4) ** 2 / 8 + x / 2 + y**2, rel=1e-5)


def test_all_surfaces_are_described_without_their_heights():
    told = surfaces()
    assert [one["name"] for one in told["surfaces"]] == list(SURFACES)
    assert all("heights" not in one for one in told["surfaces"])
    assert told["most"] == {"steps": MAX_STEPS, "optimizers": MAX_OPTIMIZERS}


def test_a_path_that_leaves_for_good_ends_there_and_has_only_numbers():
    path = on_bowl("sgd", steps=1000, lr=1.5)
    assert path["left"] == len(path["x"]) < 100
    assert all(math.isfinite(one) for column in ("x", "y", "f", "length") for one in path[column])


def test_a_flip_is_counted_when_the_middle_was_left_on_the_other_side():
    ground = Surface("line", "", lambda x, y: x**2 + y**2, (-9, 9, -9, 9), (1, 0), 3, ((0, 0),))
    # w <- w - lr 2 w: 1, -1, 1, -1 along x, and y rests on the middle
    path = descend(ground, (1, 0), 3, optimizer("sgd", lr=1.0))
    assert (path["x"], path["flips_x"], path["flips_y"]) == ([1, -1, 1, -1], [0, 1, 2, 3], [0, 0, 0, 0])
    # one step to the middle, and it stays there
    assert descend(ground, (1, 0), 3, optimizer("sgd", lr=0.5))["flips_x"] == [0, 0, 0, 0]


@pytest.mark.parametrize("name", sorted(CATALOG["optimizers"]))
def test_every_optimizer_sets_out(name):
    path = descend(BOWL, (-7, 2), 3, optimizer(name))
    assert path["f"][-1] < path["f"][0]


GOOD = {"surface": "bowl", "start": [-7, 2], "steps": 29, "optimizers": [{"name": "sgd", "params": {"lr": 0.95}}]}


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"surface": "bowls"}, "surface", "Did you mean 'bowl'?"),
        ({"surface": ["bowl"]}, "surface", "There are: bowl, rosenbrock, saddle, two_minima."),
        ({"start": [-7]}, "start", "two numbers"),
        ({"start": [-7, "2"]}, "start", "two numbers"),
        ({"start": [-70, 2]}, "start.x", "x = -70 is outside -10 to 10"),
        ({"start": [-7, 6]}, "start.y", "y = 6 is outside -5 to 5"),
        ({"start": [10**400, 2]}, "start", "two numbers"),
        ({"steps": 10**400}, "steps", "not a whole number from 1 to 1,000"),
        ({"steps": 0}, "steps", "not a whole number from 1 to 1,000"),
        ({"steps": 1.5}, "steps", "not a whole number from 1 to 1,000"),
        ({"steps": True}, "steps", "not a whole number from 1 to 1,000"),
        ({"optimizers": []}, "optimizers", "one to 8 optimizers"),
        ({"optimizers": GOOD["optimizers"] * 9}, "optimizers", "one to 8 optimizers"),
        ({"optimizers": [{"name": "sgdd"}]}, "optimizers.0.name", "Did you mean 'sgd'?"),
        ({"optimizers": ["sgd"]}, "optimizers.0.name", "There are:"),
        ({"optimizers": [{"name": "sgd", "params": {"lr": -1}}]}, "optimizers.0.lr", "lr = -1.0 is outside 0 to 100"),
        ({"optimizers": [{"name": "sgd", "params": {"nesterov": True}}]}, "optimizers.0.nesterov", "needs a momentum"),
    ],
)
def test_what_cannot_be_descended_is_said_at_its_place(change, path, words):
    (problem,) = answer(GOOD | change)["problems"]
    assert problem["path"] == path
    assert words in problem["message"]


def test_a_surface_that_is_not_there_is_said_with_those_that_are():
    assert "There are: bowl" in surface("hill")["problems"][0]["message"]


def test_nesterov_without_momentum_is_the_components_own_refusal():
    with pytest.raises(ParameterError):
        optimizer("sgd", nesterov=True)
