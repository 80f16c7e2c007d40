"""One spec and what varies in it: which runs that makes, how they are called, and which of them repeat one another."""

import pytest

from app.errors import BadGroup
from app.groups.labels import labels_in
from app.groups.titles import titles
from app.groups.variants import differing, repeat_told, repeats, variants
from app.groups.vary import Vary, assigned, members
from trainer.spec import RunSpec

SPEC = {"name": "one", "optimizer": {"name": "sgd", "params": {"lr": 0.1, "momentum": 0.9}}}


def made(*vary: tuple[str, list], **options) -> list[tuple[str, dict]]:
    return [(one.label, one.spec) for one in members(SPEC, [Vary(path, tuple(x)) for path, x in vary], **options)]


def complete(*specs: dict) -> list[dict]:
    return [RunSpec.read(one).model_dump() for one in specs]


@pytest.mark.parametrize("path", ["optimizer.params.lr", "optimizer.lr"])
def test_a_parameter_takes_its_values_in_turn_and_the_rest_stays(path):
    found = made((path, [0.1, 0.001]))
    assert [label for label, _ in found] == ["lr 0.1", "lr 0.001"]
    assert found[1][1]["optimizer"] == {"name": "sgd", "params": {"lr": 0.001, "momentum": 0.9}}
    assert SPEC["optimizer"]["params"]["lr"] == 0.1


def test_another_component_takes_none_of_the_parameters_and_the_same_keeps_them():
    found = made(("optimizer", ["sgd", "adam", {"name": "adam", "params": {"lr": 0.5}}]))
    assert [label for label, _ in found] == ["sgd", "adam", "adam, lr 0.5"]
    assert [one["optimizer"]["params"] for _, one in found] == [{"lr": 0.1, "momentum": 0.9}, {}, {"lr": 0.5}]


def test_a_toggle_is_switched_by_its_name_and_by_any_of_its_parameters():
    on_off = made(("regularizers.l2", [True, False]))
    assert [label for label, _ in on_off] == ["l2 on", "l2 off"]
    strengths = made(("regularizers.l2.strength", [0.1, 0.2]))
    assert [label for label, _ in strengths] == ["l2 strength 0.1", "l2 strength 0.2"]
    assert strengths[0][1]["regularizers"] == {"l2": {"enabled": True, "strength": 0.1}}
    both = made(("regularizers.l2.enabled", [False]), ("regularizers.dropout", [{"rate": 0.5}]))
    assert both[0][1]["regularizers"] == {"l2": {"enabled": False}, "dropout": {"enabled": True, "rate": 0.5}}


def test_a_grid_is_every_combination_and_each_is_one_path_at_a_time():
    vary = (("optimizer.lr", [0.1, 0.2]), ("schedule.lr", [1, 2, 3]))
    grid = made(*vary)
    assert len(grid) == 6
    assert grid[0][0] == "optimizer lr 0.1, schedule lr 1"
    each = made(*vary, combine="each", baseline=True)
    assert [label for label, _ in each] == [
        "as it is", "optimizer lr 0.1", "optimizer lr 0.2", "schedule lr 1", "schedule lr 2", "schedule lr 3"
    ]  # fmt: skip
    assert each[0][1] == SPEC


def test_changes_of_a_run_vary_as_a_whole():
    drop = {"epoch": 1, "target": "optimizer", "field": "lr", "value": 0.01}
    found = made(("changes", [[], [drop]]), ("seed", [1, 2]))
    assert [one["changes"] for _, one in found] == [[], [], [drop], [drop]]
    assert len({label for label, _ in found}) == 2
    assert [one.get("changes") for one in complete(*(one for _, one in found))] == [None, None, [drop], [drop]]


CATALOG = {
    "optimizers": {
        "sgd": {"title": "확률적 경사 하강법", "properties": {"lr": {"title": "학습률"}}},
        "adam": {"title": "Adam"},
    },
    "regularizers": {"dropout": {"title": "드롭아웃", "properties": {"rate": {"title": "비율"}}}},
}


def test_labels_are_said_in_the_words_of_a_page():
    def said(*vary, **options):
        asked = {"spec": SPEC, "vary": [{"path": path, "values": x} for path, x in vary]}
        asked |= {"combine": "grid", "baseline": False} | options
        rows = [{"optimizer": "sgd"}, {"optimizer": "adam"}]
        return labels_in(asked, rows, CATALOG, {"groups.on": "켬", "groups.off": "끔", "groups.as_it_is": "그대로"}.get)

    assert said(("optimizer.lr", [0.1]), ("seed", [1])) == {"lr 0.1": "학습률 0.1"}
    assert said(("optimizer", ["sgd", {"name": "adam", "params": {"lr": 0.5}}])) == {
        "sgd": "확률적 경사 하강법", "adam, lr 0.5": "Adam, 학습률 0.5"
    }  # fmt: skip
    assert said(("regularizers.dropout", [False, {"rate": 0.5}]), combine="each", baseline=True) == {
        "as it is": "그대로", "dropout off": "드롭아웃 끔", "dropout rate 0.5": "드롭아웃: 비율 0.5"
    }  # fmt: skip
    assert said(("training.batch_size", [8])) == {"batch size 8": "batch size 8"}
    assert labels_in({}, [], CATALOG, str) == {}


def test_seeds_and_folds_repeat_every_variant_and_are_no_part_of_its_label():
    found = made(("seed", [1, 2]), ("optimizer", ["sgd", "adam"]), ("dataset.fold", [1, 2, 3]), combine="each")
    assert len(found) == 12
    assert {label for label, _ in found} == {"sgd", "adam"}
    assert {(one["seed"], one["dataset"]["params"]["fold"]) for _, one in found[:6]} == {
        (seed, fold) for seed in (1, 2) for fold in (1, 2, 3)
    }


@pytest.mark.parametrize(
    ("vary", "path", "words"),
    [
        ([("name", ["a"])], "vary.0.path", "no place in a spec"),
        ([("seed", [1]), ("optimizer.params.lr.x", [1])], "vary.1.path", "no place"),
        ([("regularizers", [1])], "vary.0.path", "no place"),
        ([("", [1])], "vary.0.path", "no place"),
        ([("optimizer.lr", [1]), ("optimizer.params.lr", [2])], "vary.1.path", "twice"),
        ([("seed", list(range(60))), ("optimizer.lr", [1, 2])], "vary", "120 runs"),
        ([(f"training.x{one}", list(range(100))) for one in range(20)], "vary", "at most 100"),
    ],
)
def test_what_cannot_vary_is_said_at_its_place(vary, path, words):
    with pytest.raises(BadGroup) as refused:
        made(*vary)
    assert refused.value.problems[0]["path"] == path
    assert words in refused.value.problems[0]["message"]


def test_a_base_that_is_no_spec_goes_to_the_plan_which_says_why():
    for spec, path in (({"optimizer": "adam"}, "optimizer.params.lr"), ({"regularizers": [1]}, "regularizers.l2")):
        assert assigned(spec, path, True) == spec


def test_what_differs_is_told_of_components_that_both_have():
    specs = complete(*(one for _, one in made(("optimizer", ["sgd", "adam"]))))
    assert differing(specs) == ["optimizer"]
    specs = complete(*(one for _, one in made(("optimizer", ["sgd"]), ("optimizer.lr", [0.1, 0.2]), ("seed", [1, 2]))))
    assert differing(specs) == ["optimizer.params.lr", "seed"]
    specs = complete(SPEC, SPEC | {"regularizers": {"l2": {"enabled": True, "strength": 0.1}}})
    assert differing(specs) == ["regularizers.l2"]
    specs = complete(*({"regularizers": {"l2": {"enabled": False, "strength": one}}} for one in (1, 2)))
    assert differing(specs) == []


def test_runs_that_differ_in_seed_fold_and_name_are_one_variant():
    found = made(("optimizer", ["sgd", "adam"]), ("seed", [1, 2]))
    specs = [spec | {"name": str(at)} for at, (_, spec) in enumerate(found)]
    told = variants(complete(*specs), [label for label, _ in found])
    assert [(one.label, one.places) for one in told] == [("sgd", [0, 1]), ("adam", [2, 3])]
    assert repeats(complete(*specs)) == ["seed"]
    assert repeat_told(complete(*specs)[1], ["seed"]) == "seed 2"


def test_runs_that_are_called_each_otherwise_are_a_variant_called_after_what_varies():
    folds = complete(*({"dataset": {"name": "wine", "params": {"folds": 4, "fold": fold}}} for fold in (1, 2, 3, 4)))
    assert [one.label for one in variants(folds, [f"wine · fold {one}" for one in (1, 2, 3, 4)])] == ["4 folds"]
    many = [one | {"seed": seed} for seed in (1, 2) for one in folds]
    assert [one.label for one in variants(many, [str(at) for at in range(8)])] == ["2 seeds × 4 folds"]
    found = made(("optimizer", ["sgd", "adam"]), ("seed", [1, 2, 3]))
    names = [f"rates · {label} · seed {spec['seed']}" for label, spec in found]
    specs = complete(*(one for _, one in found))
    assert [one.label for one in variants(specs, names)] == ["rates · sgd · 3 seeds", "rates · adam · 3 seeds"]
    twice = variants(complete(SPEC, SPEC), ["once", "again"], count=lambda what, n: f"{what} {n}개")
    assert [one.label for one in twice] == ["run 2개"]


def test_runs_of_two_labels_are_two_variants_where_labels_are_of_variants():
    """As those of a lesson: its folds, its bootstrap samples, and what it trains twice."""
    folds = complete(*({"dataset": {"name": "wine", "params": {"folds": 2, "fold": fold}}} for fold in (1, 2, 1, 2)))
    labels = ["Fold 1", "Fold 2", "Fold 1", "Fold 2"]
    assert [(one.label, one.places) for one in variants(folds, labels, by_label=True)] == [
        ("Fold 1", [0, 2]), ("Fold 2", [1, 3]),
    ]  # fmt: skip
    assert [one.places for one in variants(folds, labels)] == [[0, 1, 2, 3]]
    twice = complete(SPEC | {"seed": 1}, SPEC | {"seed": 1})
    assert [one.places for one in variants(twice, ["once", "again"], by_label=True)] == [[0], [1]]


def test_paths_and_components_are_called_as_their_schemas_call_them():
    catalog = {
        "optimizers": {"adam": {"title": "Adam", "properties": {"lr": {"title": "Learning rate"}}}},
        "regularizers": {"l2": {"title": "L2", "properties": {"strength": {"title": "Strength"}}}},
        "training": {"properties": {"batch_size": {"title": "Batch size"}}},
    }
    rows = [{"optimizer": "adam"}, {"optimizer": "gone"}]
    paths = ["optimizer", "optimizer.params.lr", "optimizer.params.x", "regularizers.l2", "regularizers.l2.strength",
             "regularizers.gone.x", "training.batch_size", "seed"]  # fmt: skip
    assert titles(catalog, rows, paths) == {
        "optimizer=adam": "Adam", "optimizer.params.lr": "Learning rate", "regularizers.l2": "L2",
        "regularizers.l2.strength": "L2: Strength", "training.batch_size": "Batch size",
    }  # fmt: skip
