"""A zip of images, one folder a class: what they become, and what is no image, too large, or not told apart."""

import io
from functools import partial

import numpy as np
import pytest
from PIL import Image

from tests.uploads import PETS, huge, kept, look_at, png, problem, zipped


def noise():
    file = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def read(tmp_path):
    return partial(look_at, tmp_path)


def test_each_folder_is_a_class_and_every_image_gets_one_size(tmp_path):
    inputs, targets, meta = kept(tmp_path, zipped(PETS), size=16, colour="colour")
    assert (inputs.shape, inputs.dtype) == ((12, 3, 16, 16), np.uint8)
    assert (meta["kind"], meta["classes"], meta["counts"]) == ("binary", ["cat", "dog"], [6, 6])
    assert targets.flatten().tolist() == [0] * 6 + [1] * 6
    assert inputs[0, :, 8, 8].tolist() == [255, 0, 0]
    assert inputs[-1, :, 8, 8].tolist() == [0, 0, 255]


def test_the_preview_shows_images_as_they_will_be(read):
    preview = read(zipped(PETS | {"pets/readme.txt": b"hello"}))["preview"]
    assert preview["options"] == {"kind": "images", "size": 32, "colour": "colour", "fit": "crop",
                                  "unreadable": "refuse"}  # fmt: skip
    assert (preview["samples"], preview["others"], preview["shape"]) == (12, 1, [3, 32, 32])
    assert preview["classes"] == [{"name": "cat", "count": 6}, {"name": "dog", "count": 6}]
    assert [one["class"] for one in preview["images"]] == ["cat"] * 6 + ["dog"] * 6
    assert all(one["src"].startswith("data:image/png;base64,") for one in preview["images"])


@pytest.mark.parametrize(
    ("fit", "corner", "edge"),
    [("crop", 255, 255), ("pad", 0, 255), ("stretch", 255, 255)],
)
def test_an_image_that_is_not_square_is_cropped_padded_or_stretched(tmp_path, fit, corner, edge):
    white = {f"{kind}/{number}.png": png() for kind in "ab" for number in range(5)}
    inputs, _, _ = kept(tmp_path, zipped(white), size=8, fit=fit)
    assert (inputs[0, 0, 0, 0], inputs[0, 0, 4, 0]) == (corner, edge)


def test_an_image_of_sixteen_bits_keeps_its_greys(tmp_path):
    file = io.BytesIO()
    Image.fromarray(np.full((8, 8), 0x8000, np.uint16)).save(file, "PNG")
    for colour in ("grey", "colour"):
        files = {f"{kind}/{number}.png": file.getvalue() for kind in "ab" for number in range(5)}
        inputs, _, _ = kept(tmp_path, zipped(files), size=8, colour=colour)
        assert (inputs == 0x80).all()


def test_what_is_transparent_is_white(tmp_path):
    clear = {f"{kind}/{number}.png": png((0, 0, 0, 0), mode="RGBA") for kind in "ab" for number in range(5)}
    inputs, _, _ = kept(tmp_path, zipped(clear), size=8)
    assert (inputs == 255).all()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_every_usual_kind_of_image_is_read(tmp_path, kind):
    files = {f"{folder}/{number}.{kind.lower()}": png("white", kind=kind) for folder in "ab" for number in range(5)}
    inputs, _, _ = kept(tmp_path, zipped(files), size=8)
    assert (inputs > 250).all()


def test_what_cannot_be_read_can_be_left_out(tmp_path):
    files = PETS | {"pets/cat/broken.png": b"no image", "pets/dog/half.jpg": png(kind="JPEG")[:400]}
    (told,) = kept(tmp_path, zipped(files))
    assert (told["path"], told["key"]) == ("unreadable", "bad_image")
    assert "‘pets/cat/broken.png’" in told["message"]
    inputs, _, meta = kept(tmp_path, zipped(files), unreadable="skip")
    assert len(inputs) == 12
    assert meta["left_out"] == {"unreadable": 2, "others": 0}


def test_grey_images_stay_grey_and_small(read):
    preview = read(zipped({f"{kind}/{number}.png": png("grey") for kind in "ab" for number in range(5)}))["preview"]
    assert preview["shape"] == [1, 28, 28]


def test_rubbish_that_computers_put_into_zips_is_passed_over(read):
    files = PETS | {"__MACOSX/pets/cat/._1.png": b"x", "pets/.DS_Store": b"x", "pets/cat/.hidden.png": b"x"}
    preview = read(zipped(files))["preview"]
    assert (preview["samples"], preview["others"]) == (12, 0)


def many(folder, count):
    return {f"{folder}/{number}.png": png(size=(4, 4)) for number in range(count)}


WRONG = {
    "no images": ({"a/1.txt": b"x", "b/2.txt": b"y"}, {}, "", "image_missing"),
    "no folders": ({f"{n}.png": png() for n in range(6)}, {}, "", "no_folders"),
    "one folder": (many("all", 6), {}, "", "one_folder"),
    "few images": (many("a", 1) | many("b", 1), {}, "", "few_images"),
    "as many classes as images": ({f"{n}/1.png": png() for n in range(6)}, {}, "", "many_classes"),
    "a text that says it is an image": (PETS | {"pets/cat/0.png": b"<svg/>"}, {}, "unreadable", "bad_image"),
    "50,000 x 50,000 pixels": (PETS | {"pets/cat/0.png": huge()}, {}, "", "image_large"),
    "8,000 x 8,000 pixels": (PETS | {"pets/cat/0.png": huge(8_000, 8_000)}, {}, "", "image_large"),
    "cut off": (PETS | {"pets/cat/0.png": noise()[:2000]}, {}, "unreadable", "bad_image"),
    "a bomb": (PETS | {"pets/cat/0.png": bytes(65 * 1024**2)}, {}, "", "unpacks_large"),
    "no such size": (PETS, {"size": 4}, "size", "bad_option"),
    "a size that is none": (PETS, {"size": "big"}, "size", "bad_option"),
    "too many pixels": (many("a", 200) | many("b", 200), {"size": 256, "colour": "colour"}, "size", "large"),
    "a workbook": ({"xl/workbook.xml": b"<x/>"}, {}, "", "not_text_excel"),
}


@pytest.mark.parametrize(("files", "options", "path", "key"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_where_it_was_caused(read, files, options, path, key):
    assert problem(read(zipped(files), **options)) == (path, key)


def test_an_image_that_is_too_large_says_how_large(read):
    told = read(zipped(PETS | {"pets/cat/0.png": huge()}))["preview"]["problems"][0]
    assert told["message"].startswith("‘pets/cat/0.png’ has 2,500 million pixels; at most 40 million are taken.")


@pytest.mark.parametrize(
    "name",
    ["all/{kind}/{n}.png", "./{kind}//{n}.PNG", "{kind}/./{n}.png", "all\\{kind}\\{n}.png", "/{kind}/{n}.v2.png"],
)
def test_the_folder_that_an_image_lies_in_is_its_class(tmp_path, name):
    files = {name.format(kind=kind, n=n): png() for kind in ("cat", "dog") for n in range(5)}
    hidden = {"__MACOSX/cat/1.png": b"", "cat/._1.png": b"", ".git/cat/1.png": b""}
    inputs, _, meta = kept(tmp_path, zipped(files | hidden), size=8)
    assert (len(inputs), meta["classes"]) == (10, ["cat", "dog"])


def test_names_in_a_zip_reach_no_path(tmp_path):
    """What leads upwards is passed over, / names a class at most: nothing is written anywhere."""
    files = {f"{kind}/{number}.png": png() for kind in ("/etc", "/tmp/b", "../../up") for number in range(5)}
    inputs, _, meta = kept(tmp_path, zipped(files), size=8)
    assert (len(inputs), meta["classes"]) == (10, ["b", "etc"])
    assert sorted(one.name for one in tmp_path.iterdir()) == ["kept", "upload.bin"]
