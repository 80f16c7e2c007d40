"""MNIST and those like it: read from either kind of file, in their own order, and refused when they are not that."""

import gzip
import re

import numpy as np
import pytest
import torch

from tests.tables import idx_bytes
from tests.training import of_kind, train
from trainer.catalog import CATALOG
from trainer.data import outline, prepare
from trainer.datasets.mnist import Mnist
from trainer.images import read, read_idx
from trainer.plan import answer
from trainer.protocol import Epoch
from trainer.spec import Choice, RunSpec

SMALL = (12, 5)
CHANCE = np.random.default_rng(0)


def arrays(count=SMALL):
    """Return what an npz of Keras holds: x_train, y_train, x_test, y_test."""
    return {
        f"{kind}_{part}": CHANCE.integers(0, 256 if kind == "x" else 10, (n, *shape), dtype=np.uint8)
        for part, n in zip(("train", "test"), count, strict=True)
        for kind, shape in (("x", (28, 28)), ("y", ()))
    }


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A cache with an MNIST of 17 images, as an npz put there by hand."""
    monkeypatch.setattr(Mnist, "COUNT", SMALL)
    monkeypatch.setenv("LIVEFIT_CACHE", str(tmp_path))
    found = arrays()
    np.savez_compressed(tmp_path / "mnist.npz", **found)
    return found


def test_an_npz_and_four_idx_files_hold_the_same(tmp_path):
    found = arrays()
    np.savez_compressed(tmp_path / "mnist.npz", **found)
    names = {"x_train": "train-images-idx3", "y_train": "train-labels-idx1"}
    names |= {"x_test": "t10k-images-idx3", "y_test": "t10k-labels-idx1"}
    idx = {f"{name}-ubyte.gz": tmp_path / f"{name}-ubyte.gz" for name in names.values()}
    for kind, name in names.items():
        idx[f"{name}-ubyte.gz"].write_bytes(idx_bytes(found[kind]))
    for kind in ("x", "y"):
        left, right = (read(files, kind, SMALL) for files in ({"mnist.npz": tmp_path / "mnist.npz"}, idx))
        assert torch.equal(left, right)
    images = read(idx, "x", SMALL)
    assert (images.shape, images.dtype) == ((17, 1, 28, 28), torch.uint8)
    assert np.array_equal(images[12:, 0].numpy(), found["x_test"])
    assert read(idx, "y", SMALL).tolist() == [*found["y_train"], *found["y_test"]]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda path: path.write_bytes(b"not a zip"), "cannot be read"),
        (lambda path: path.write_bytes(path.read_bytes()[:300]), "cannot be read"),
        (lambda path: np.savez(path, **arrays((11, 5))), "(11, 28, 28) of uint8 where (12, 28, 28) of uint8"),
        (lambda path: np.savez(path, x_train=np.zeros(3)), "(3,) of float64 where"),
        (lambda path: np.savez(path, y_train=np.zeros(3)), "no array 'x_train'"),
        (lambda path: np.savez(path, x_train=np.array([{}], dtype=object)), "cannot be read: Object arrays"),
    ],
)
def test_a_file_that_is_not_mnist_is_refused_in_words(tmp_path, small, spoil, told):
    spoil(tmp_path / "mnist.npz")
    with pytest.raises(ValueError, match=rf"{re.escape(told)}.* Take the file away; it is then downloaded"):
        prepare(Mnist(validation_rows=0), "cpu")


@pytest.mark.parametrize(
    "data",
    [b"", b"x", gzip.compress(b"\0\0\x08\x03\0\0\0\x05"), gzip.compress(b"\0\0\x0d\x01\0\0\0\0")],
    ids=["empty", "no gzip", "cut short", "floats"],
)
def test_what_is_no_idx_file_is_refused(tmp_path, data):
    (tmp_path / "a.gz").write_bytes(data)
    with pytest.raises(ValueError, match="cannot be read"):
        read_idx(tmp_path / "a.gz")


@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_a_plan_reads_no_image_and_a_run_trains_on_them(tmp_path, small, model):
    dataset = Choice(name="mnist", params={"validation_rows": 3})
    spec = RunSpec(dataset=dataset, model=Choice(name=model), training={"epochs": 2, "batch_size": 4})
    plan = answer(spec.model_dump())["plan"]
    assert plan["samples"] == {"train": 9, "validation": 3, "test": 5}
    assert plan["input_shape"] == [1, 28, 28]
    epochs = of_kind(train(tmp_path / "run", spec), Epoch)
    assert [one.step for one in epochs] == [3, 6]


def test_a_plan_of_what_has_yet_to_be_downloaded_knows_its_shape(monkeypatch):
    monkeypatch.setenv("LIVEFIT_OFFLINE", "0")
    told = answer({"dataset": {"name": "mnist"}, "training": {"batch_size": 128}})["plan"]
    assert (told["samples"]["train"], told["input_shape"], told["outputs"]) == (50_000, [1, 28, 28], 10)
    assert told["steps_per_epoch"] == 391


def test_the_real_one_has_the_pixels_that_everybody_knows(real_data):
    data = prepare(Mnist(scaling="unit", validation_rows=0), "cpu")
    assert data.counts == {"train": 60_000, "validation": 0, "test": 10_000}
    assert data.train.targets[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    # mean and deviation that torchvision's examples normalize by
    pixels = data.train.inputs.values.float() / 255
    assert (pixels.mean().item(), pixels.std().item()) == pytest.approx((0.1307, 0.3081), abs=1e-4)
    assert outline(Mnist()).counts == {"train": 50_000, "validation": 10_000, "test": 10_000}


def test_those_that_are_downloaded_plan_without_their_files():
    for kind in (one for one in CATALOG["datasets"].values() if one.download):
        told = outline(kind())
        assert told.counts["train"] > told.counts["validation"] > 0
