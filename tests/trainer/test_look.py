"""What a data set looks like: the numbers of the split and the scale that training has, and never too many of them."""

import base64
import io
import json

import numpy as np
import pytest
import torch
from PIL import Image

from tests.tables import of
from trainer.catalog import CATALOG
from trainer.data import PARTS, prepare
from trainer.datasets import Table
from trainer.datasets.digits import Digits
from trainer.datasets.reviews import WORDS
from trainer.datasets.wine import Wine
from trainer.look import answer, see
from trainer.look import look as look_at_seen
from trainer.look_at import POINTS


def look(name, first=0, count=12, **params):
    told = answer({"name": name, "params": params, "first": first, "count": count})
    json.dumps(told, allow_nan=False)
    return told["look"]


def problem(name, **params):
    (only,) = answer({"name": name, "params": params})["problems"]
    return only["path"], only["message"]


@pytest.mark.parametrize("scaling", ["none", "unit", "symmetric", "standard"])
def test_a_column_before_and_after_scaling_is_what_training_sees(scaling):
    data = prepare(Wine(scaling=scaling), "cpu")
    found = look("wine", scaling=scaling)
    for place, column in enumerate(found["columns"]):
        after = data.train.inputs[:, place].double().numpy()
        assert column["after"]["mean"] == pytest.approx(after.mean(), abs=1e-9)
        assert column["after"]["std"] == pytest.approx(after.std(), abs=1e-9)
        for part in PARTS:
            assert sum(column["before"]["counts"][part]) == data.counts[part]
            assert sum(column["after"]["counts"][part]) == data.counts[part]
    first = look("wine", scaling="none")["columns"][0]
    assert found["columns"][0]["before"] == first["after"], "without scaling nothing changes"


def test_what_split_went_where_is_counted():
    found = look("wine", validation=0.3)
    data = prepare(Wine(validation=0.3), "cpu")
    assert found["samples"] == data.counts
    for place, row in enumerate(found["balance"]):
        assert row["train"] == int((data.train.targets == place).sum())
    assert [row["name"] for row in found["balance"]] == data.classes


def test_features_are_told_a_dozen_at_a_time():
    assert (len(look("breast_cancer")["columns"]), look("breast_cancer")["columns_in_all"]) == (12, 30)
    more = look("breast_cancer", first=24)
    assert (more["first"], len(more["columns"]), len(more["rows"][0]["values"])) == (24, 6, 6)
    assert len(look("breast_cancer", first=10**6)["columns"]) == 1


def test_images_are_shown_with_their_class_and_all_pixels_in_one_distribution():
    found = look("digits", scaling="unit")
    assert {one["target"] for one in found["images"]} == set(map(str, range(10)))
    assert {one["part"] for one in found["images"]} == set(PARTS)
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(found["images"][0]["src"].partition(",")[2]))))
    assert shown.shape == (8, 8)
    (pixels,) = found["columns"]
    assert (pixels["before"]["most"], pixels["after"]["most"]) == (16.0, 1.0)
    assert sum(pixels["after"]["counts"]["train"]) == prepare(Digits(), "cpu").train.inputs.numel()


def test_points_of_a_plane_are_given_and_not_too_many():
    points = look("spiral", size=100_000)["points"]
    assert POINTS <= len(points["x"]) <= POINTS + 3
    assert {*points["part"]} == set(PARTS)
    assert points["all"] is False
    assert look("spiral", size=50)["points"]["all"] is True
    assert look("wine")["points"] is None


def test_a_number_to_predict_has_a_distribution_in_place_of_classes():
    found = look("diabetes")
    assert found["balance"] == []
    assert found["target"]["before"]["most"] == 346
    assert found["target"]["after"]["mean"] == pytest.approx(0, abs=1e-5)
    assert look("wine")["target"] is None


def test_what_was_made_worse_on_purpose_is_seen():
    noisy = look("wine", label_noise=0.5)
    changed = [row for row in noisy["rows"] if "was" in row]
    assert noisy["wrong"] > 20
    assert all(row["was"] != row["target"] and row["part"] == "train" for row in changed)
    assert look("wine")["wrong"] == 0
    assert sum(row["train"] for row in look("wine", imbalance=10)["balance"]) < 124
    assert look("wine", samples=40)["samples"]["train"] == 40
    assert sum(look("wine", bootstrap=1)["columns"][0]["before"]["counts"]["train"]) == 124
    shifted = look("wine", test_shift=5)["columns"][0]
    assert shifted["before"] == look("wine")["columns"][0]["before"]
    assert abs(mean_of(shifted["after"], "test")) > 3 > abs(mean_of(shifted["after"], "validation"))


def mean_of(histogram, part):
    counts = np.array(histogram["counts"][part])
    middles = np.linspace(histogram["least"], histogram["most"], 2 * len(counts) + 1)[1::2]
    return float((counts * middles).sum() / counts.sum())


def test_folds_are_parts_like_others():
    folds = [look("wine", folds=5, fold=fold)["samples"] for fold in range(1, 6)]
    assert sum(one["validation"] for one in folds) == folds[0]["train"] + folds[0]["validation"]


def test_what_has_yet_to_be_downloaded_says_so(monkeypatch):
    monkeypatch.setenv("LIVEFIT_CACHE", "/nonexistent")
    path, message = problem("mnist")
    assert path == ""
    assert message.startswith("MNIST is not on this machine yet. Start a run with it")


def test_real_mnist_is_looked_at_within_the_time(real_data):
    found = look("mnist")
    assert found["samples"] == {"train": 50_000, "validation": 10_000, "test": 10_000}
    assert len(found["images"]) == 30


def test_texts_are_shown_by_their_lengths():
    tokens = torch.tensor([[1, 2, 0], [3, 0, 0], [1, 1, 1], [2, 0, 0]] * 10)
    table = Table(tokens, torch.arange(40) % 2, "classes", ["a", "b"], tokens=4)
    told = look_at_seen(see(of(table)))
    assert told["columns"][0]["kind"] == "words"
    assert (told["columns"][0]["before"]["least"], told["columns"][0]["before"]["most"]) == (1, 3)


def test_labels_of_which_several_hold_are_counted_each_by_itself():
    found = look("regions")
    data = prepare(CATALOG["datasets"]["regions"](), "cpu")
    assert [row["train"] for row in found["balance"]] == data.train.targets.sum(0).long().tolist()
    assert any(" + " in row["target"] for row in found["rows"])
    assert max(found["points"]["kind"]) < len(found["points"]["classes"]) <= 8


def test_a_share_and_a_curve_have_heights_in_place_of_classes():
    share, curve = look("dose")["points"], look("sine")["points"]
    assert (share["classes"], share["curve"], curve["curve"]) == ([], False, True)
    assert (min(share["height"]), max(share["height"])) == (0, 1)


def test_signals_are_lines_and_volumes_are_seen_from_the_front():
    waves, voxels = look("waves")["images"], look("voxels")["images"]
    assert all(len(one["signal"]) == 64 and "src" not in one for one in waves)
    assert {one["target"] for one in voxels} == {"ball", "cube", "cross"}
    assert all(one["src"].startswith("data:image/png") for one in voxels)


@pytest.mark.parametrize("name", [name for name, kind in CATALOG["datasets"].items() if name != "own"])
def test_every_data_set_can_be_looked_at_or_says_why_not(name):
    told = answer({"name": name, "params": {"label_noise": 0.2}})
    assert len(json.dumps(told, allow_nan=False)) < 200_000
    if "look" not in told:
        assert [one["key"] for one in told["problems"]] == ["not_here"]


@pytest.mark.parametrize(("name", "size"), [("mnist", "11.6 MB"), ("titanic", "118 kB")])
def test_what_is_not_here_is_told_with_its_size_as_pages_write_it(tmp_path, monkeypatch, name, size):
    monkeypatch.setenv("LIVEFIT_CACHE", str(tmp_path))
    (only,) = answer({"name": name, "params": {}})["problems"]
    assert only["values"]["size"] == size


def test_what_cannot_be_split_is_said_at_its_field():
    assert problem("wine", validation=0.9) == ("dataset.params.validation", "validation = 0.9 is outside 0 to 0.5.")
    assert problem("wine", nothing=1)[0] == "dataset.params.nothing"
    assert problem("whine")[0] == "dataset.name"
    path, message = problem("circle", size=10, validation=0.5, test=0.5)
    assert path == "dataset.params"
    assert "Take smaller shares" in message


def test_made_up_reviews_are_shown_in_words_without_padding():
    found = look("reviews")
    assert found["wordless"] is None
    for text in found["texts"]:
        assert set(text["words"]) <= set(WORDS)
        assert 4 <= len(text["words"]) == text["words_in_all"] <= 24


def test_texts_without_a_vocabulary_are_shown_by_numbers_and_that_is_said():
    tokens = torch.tensor([[1, 2, 0], [3, 0, 0]] * 20)
    told = look_at_seen(see(of(Table(tokens, torch.arange(40) % 2, "classes", ["a", "b"], tokens=4))))
    assert told["wordless"] == {"why": "", "size": ""}
    assert {tuple(one["words"]) for one in told["texts"]} == {(1, 2), (3,)}
