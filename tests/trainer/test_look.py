"""What a data set looks like: the numbers of the split and the scale that training has, and never too many of them."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from trainer.data import PARTS, prepare
from trainer.datasets.digits import Digits
from trainer.datasets.wine import Wine
from trainer.look import POINTS, answer


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
    assert (len(look("breast_cancer")["columns"]), look("breast_cancer")["features"]) == (12, 30)
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


def test_what_cannot_be_split_is_said_at_its_field():
    assert problem("wine", validation=0.9) == ("dataset.params.validation", "validation = 0.9 is outside 0 to 0.5.")
    assert problem("wine", nothing=1)[0] == "dataset.params.nothing"
    assert problem("whine")[0] == "dataset.name"
    path, message = problem("circle", size=10, validation=0.5, test=0.5)
    assert path == "dataset.params"
    assert "Take smaller shares" in message
