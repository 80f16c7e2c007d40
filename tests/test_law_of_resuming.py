"""A run that was killed, stopped, paused, steered and resumed equals the uninterrupted one, bit for bit on the CPU."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.hard_life import KILLED_WHILE_PAUSED, check_equal, fault, kill, live, make, term
from tests.training import of_kind, said, with_fields
from tests.waiting import wait_for
from trainer.catalog import CATALOG
from trainer.datasets.mnist import Mnist
from trainer.protocol import Change, Changed, Pause, Rejected, Save, Saved, Started, Swap
from trainer.spec import Choice, RunSpec

ROOT = Path(__file__).parent.parent

OFF = {name: {"enabled": False} for name in CATALOG["probes"]}
# 13 features and batches of 7: nothing lies at a round place in memory
TRAINING = {"epochs": 3, "batch_size": 7, "checkpoint_every": 0.0}
WINE = with_fields(
    RunSpec(dataset=Choice(name="wine"), training=TRAINING),
    model={"name": "mlp", "params": {"hidden": [9, 5]}},
    optimizer={"name": "sgd", "params": {"lr": 0.05, "momentum": 0.9}},
    probes=OFF,
)
OFTEN = {"checkpoint_steps": 5, "checkpoint_epochs": 1, "checkpoint_best": True, "checkpoints_kept": 3}
FATES = (
    kill(3),  # before the first checkpoint
    KILLED_WHILE_PAUSED,
    term(12),
    fault("checkpoint.half:kill@2"),
    kill(22),
    fault("checkpoint.renamed:kill@2"),
)
TROUBLE = {8: [Pause(id="pause"), Save(id="early", name="early")], 17: [Pause(id="again"), Save(id="late")]}


def check_law(folder, spec, steer=None):
    """Train a spec with `steer` once in peace, and once through every kind of trouble."""
    steer = steer or {}
    whole, hard = make(folder / "whole", spec), make(folder / "hard", with_fields(spec, training=spec.training | OFTEN))
    events = live(whole, steer)
    assert not of_kind(events, Rejected), "what steers it must take hold"
    assert len(of_kind(events, Changed)) == sum(map(len, steer.values()))
    live(hard, {step: [*steer.get(step, ()), *TROUBLE.get(step, ())] for step in {*steer, *TROUBLE}}, FATES)
    check_equal(hard, whole)


def turn(name, target, field, value):
    return Change(id=name, target=target, field=field, value=value)


@pytest.mark.parametrize("optimizer", sorted(CATALOG["optimizers"]))
def test_every_optimizer(tmp_path, optimizer):
    part = CATALOG["optimizers"][optimizer]
    field = "lr" if part.params["lr"].live else "grow"
    value = 0.003 if field == "lr" else 1.1
    check_law(tmp_path, with_fields(WINE, optimizer={"name": optimizer}), {21: [turn("it", "optimizer", field, value)]})


@pytest.mark.parametrize("schedule", sorted(CATALOG["schedules"]))
def test_every_schedule(tmp_path, schedule):
    eager = {"patience": 0, "min_delta": 0.5} if schedule == "plateau" else {}
    check_law(tmp_path, with_fields(WINE, schedule={"name": schedule, "params": eager}))


def fitting(name):
    """Return a spec on whose data a regularizer makes sense."""
    if name == "augmentation":
        return with_fields(WINE, dataset={"name": "digits"}, training=TRAINING | {"batch_size": 97})
    return WINE


@pytest.mark.parametrize("name", sorted(CATALOG["regularizers"]))
def test_every_regularizer(tmp_path, name):
    check_law(tmp_path, with_fields(fitting(name), regularizers={name: {"enabled": True}}))


@pytest.mark.parametrize(
    ("optimizer", "name"), [("adam", one) for one in sorted(CATALOG["regularizers"])] + [("adagrad", "batch_norm")]
)
def test_every_regularizer_switched_on_and_off_in_mid_run(tmp_path, name, optimizer):
    target = f"regularizers.{name}"
    switches = {step: [turn(f"{step}", target, "enabled", on)] for step, on in ((10, True), (26, False), (33, True))}
    check_law(tmp_path, with_fields(fitting(name), optimizer={"name": optimizer}), switches)


def test_everything_at_once_in_a_convolutional_network(tmp_path):
    spec = with_fields(
        WINE,
        dataset={"name": "digits"},
        model={"name": "cnn", "params": {"channels": [3, 4], "dense": [8]}},
        regularizers={name: {"enabled": True} for name in CATALOG["regularizers"]},
        training=TRAINING | {"batch_size": 97},
    )
    off = [turn(name, f"regularizers.{name}", "enabled", False) for name in ("batch_norm", "dropout", "max_norm")]
    check_law(tmp_path, spec, {15: off, 21: [turn("rate", "regularizers.input_noise", "enabled", False)]})


@pytest.mark.parametrize(
    ("dataset", "layers", "regularizers"),
    [
        ("waves", [{"conv": 3}, {"pool": 2}, {"conv_residual": 4, "stride": 2}], ["batch_norm", "dropout"]),
        ("voxels", [{"conv": 2}, {"pool": 2, "how": "average"}, {"dense_residual": 5}], ["batch_norm", "l2"]),
        ("reviews", [{"embedding": 5}, {"dense": 4}], ["dropout"]),
    ],
)  # fmt: skip
def test_every_shape_of_data_and_kind_of_layer(tmp_path, dataset, layers, regularizers):
    spec = with_fields(
        WINE,
        dataset={"name": dataset, "params": {"size": 180}},
        model={"name": "layers", "params": {"layers": layers}},
        regularizers={name: {"enabled": True} for name in regularizers}
        | {"dropout": {"enabled": "dropout" in regularizers, "rate": 0.2, "input_rate": 0.2}},
    )
    check_law(tmp_path, spec)


def test_batches_that_are_drawn_with_replacement(tmp_path):
    check_law(tmp_path, with_fields(WINE, training=TRAINING | {"replacement": True}))


def test_images_that_are_kept_as_bytes(tmp_path, monkeypatch):
    """And a bootstrap sample of them, with wrong labels and noise beside them."""
    chance = np.random.default_rng(0)
    found = {f"x_{part}": chance.integers(0, 256, (n, 28, 28), np.uint8) for part, n in (("train", 130), ("test", 20))}
    found |= {f"y_{part}": chance.integers(0, 10, n, np.uint8) for part, n in (("train", 130), ("test", 20))}
    np.savez(tmp_path / "mnist.npz", **found)
    monkeypatch.setattr(Mnist, "COUNT", (130, 20))
    monkeypatch.setenv("LIVEFIT_CACHE", str(tmp_path))
    params = {"validation_rows": 30, "samples": 90, "bootstrap": 1, "label_noise": 0.2, "test_shift": 0.5}
    params |= {"extra": "noise"}
    check_law(tmp_path, with_fields(WINE, dataset={"name": "mnist", "params": params}))


@pytest.mark.parametrize("restore", [True, False])
def test_early_stopping(tmp_path, restore):
    early = {"enabled": True, "patience": 2, "min_delta": 0.3, "restore_best": restore}
    check_law(tmp_path, with_fields(WINE, stopping={"early": early}, training=TRAINING | {"epochs": 30}))


@pytest.mark.parametrize(("name", "threshold"), [("gradient", 0.3), ("loss_change", 0.05), ("weight_change", 1.7)])
def test_stopping_at_rest(tmp_path, name, threshold):
    rest = {name: {"enabled": True, "threshold": threshold, "patience": 2}}
    regularizers = {"dropout": {"enabled": True}, "l2": {"enabled": True}}
    spec = with_fields(WINE, stopping=rest, regularizers=regularizers, training=TRAINING | {"epochs": 30})
    check_law(tmp_path, spec, {24: [turn("patience", f"stopping.{name}", "patience", 3)]})


@pytest.mark.parametrize("new", sorted(CATALOG["optimizers"]))
def test_a_swap_to_every_optimizer(tmp_path, new):
    check_law(tmp_path, WINE, {20: [Swap(id="swap", target="optimizer", name=new)]})


@pytest.mark.parametrize(
    ("old", "new", "state"),
    [
        ("adam", "adamw", "keep"),
        ("adamw", "adam", "keep"),
        ("sgd", "sgd", "keep"),
        ("sgd", "adam", "transfer"),
        ("adam", "sgd", "transfer"),
        ("adamw", "adam", "transfer"),
        ("radam", "adam", "keep"),
        ("sgd", "sam", "keep"),
        ("sam", "nadam", "transfer"),
        ("radam", "adamax", "transfer"),
        ("muon", "muon", "keep"),
    ],
)
def test_a_swap_with_each_policy_for_moments(tmp_path, old, new, state):
    params = {"momentum": 0.9} if "sgd" in (old, new) else {}
    spec = with_fields(WINE, optimizer={"name": old, "params": params if old == "sgd" else {}})
    swap = Swap(id="swap", target="optimizer", name=new, params=params if new == "sgd" else {}, state=state)
    # at the very step of a checkpoint: what the swap looks at must be in it
    check_law(tmp_path, spec, {20: [swap]})


@pytest.mark.parametrize("new", sorted(CATALOG["schedules"]))
def test_a_swap_to_every_schedule(tmp_path, new):
    check_law(tmp_path, WINE, {16: [Swap(id="swap", target="schedule", name=new)]})


@pytest.mark.parametrize("optimizer", ["sam", "lbfgs"])
def test_several_passes_a_step_with_masks_and_moving_averages(tmp_path, optimizer):
    noisy = {"dropout": {"enabled": True}, "batch_norm": {"enabled": True}}
    switch = {20: [turn("off", "regularizers.batch_norm", "enabled", False)]}
    check_law(tmp_path, with_fields(WINE, optimizer={"name": optimizer}, regularizers=noisy), switch)


def test_a_real_process_that_is_killed_at_any_moment(tmp_path):
    """`python -m trainer`, killed when its log has grown so far: nobody chose the step."""
    spec = with_fields(WINE, optimizer={"name": "adam"}, regularizers={"dropout": {"enabled": True}})
    whole = make(tmp_path / "whole", with_fields(spec, training=TRAINING | {"epochs": 60}))
    slow = {"epochs": 60, "speed": 300.0, "checkpoint_every": 0.1}
    hard = make(tmp_path / "hard", with_fields(spec, training=TRAINING | slow))
    live(whole, {})
    with subprocess.Popen([sys.executable, "-m", "trainer", str(hard)], cwd=ROOT) as trainer:
        wait_for(lambda: len(of_kind(said(hard), Saved)) > 2, within_s=100)
        trainer.kill()
    events = live(hard, {})
    assert [one.step > 0 for one in of_kind(events, Started)] == [False, True]
    check_equal(hard, whole)
