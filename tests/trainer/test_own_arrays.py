"""Arrays in an npz: which are taken, what they become, and nothing that could run code or fill the memory."""

import io
import struct
import zipfile
import zlib
from functools import partial

import numpy as np
import pytest

from tests.uploads import kept, look_at, packed, problem, zipped

CHANCE = np.random.default_rng(0)
X = CHANCE.normal(size=(60, 4))
Y = np.arange(60) % 3


@pytest.fixture
def read(tmp_path):
    return partial(look_at, tmp_path)


def test_inputs_and_targets_are_known_by_their_names_and_shapes(read):
    preview = read(packed(a=X[:5], labels=Y, x=X))["preview"]
    assert preview["options"] == {"kind": "npz", "inputs": "x", "targets": "labels", "target_kind": "classes",
                                  "layout": "first"}  # fmt: skip
    assert (preview["samples"], preview["shape"], preview["classes_in_all"]) == (60, [4], 3)
    again = read(packed(one=Y, two=X))["preview"]
    assert (again["options"]["inputs"], again["options"]["targets"]) == ("two", "one")


@pytest.mark.parametrize(
    ("inputs", "layout", "shape"),
    [
        (X[:, 0], "first", (60, 1)),
        (X.astype(np.float16), "first", (60, 4)),
        (X, "first", (60, 4)),
        (np.zeros((60, 6, 5), np.uint8), "first", (60, 1, 6, 5)),
        (np.zeros((60, 3, 6, 5), np.uint8), "first", (60, 3, 6, 5)),
        (np.zeros((60, 6, 5, 3), np.uint8), "last", (60, 3, 6, 5)),
    ],
)
def test_images_and_tables_get_the_shape_that_networks_want(tmp_path, inputs, layout, shape):
    array, targets, meta = kept(tmp_path, packed(x=inputs, y=Y))
    assert array.shape == shape
    assert array.dtype == (np.uint8 if inputs.dtype == np.uint8 else np.float32)
    assert meta["options"]["layout"] == layout
    assert targets.tolist() == Y.tolist()


def test_channels_that_are_last_come_first(tmp_path):
    image = np.arange(60 * 2 * 2 * 3, dtype=np.uint8).reshape(60, 2, 2, 3)
    array, _, _ = kept(tmp_path, packed(x=image, y=Y))
    assert np.array_equal(array[7, 1], image[7, :, :, 1])


@pytest.mark.parametrize(
    ("targets", "kind", "classes"),
    [
        (Y, "classes", ["0", "1", "2"]),
        (Y.astype(float), "classes", ["0", "1", "2"]),
        (Y > 0, "binary", ["False", "True"]),
        (np.array(["b", "a"] * 30), "binary", ["a", "b"]),
        (np.array([b"b", b"a"] * 30), "binary", ["a", "b"]),
        (X[:, :1], "number", []),
        (np.arange(60), "number", []),
    ],
)
def test_targets_are_classes_or_a_number(tmp_path, targets, kind, classes):
    _, _, meta = kept(tmp_path, packed(x=X, y=targets))
    assert (meta["kind"], meta["classes"]) == (kind, classes)


def test_a_test_part_of_its_own_is_known_by_its_names_and_comes_after_the_rest(tmp_path, read):
    file = packed(x_train=X, y_train=Y, x_test=X[:9] + 1, y_test=Y[:9])
    inputs, targets, meta = kept(tmp_path, file)
    assert (len(inputs), meta["samples"], meta["test_from"]) == (69, 69, 60)
    assert np.array_equal(inputs[60:], (X[:9] + 1).astype(np.float32))
    assert targets[60:].tolist() == Y[:9].tolist()
    preview = read(file)["preview"]
    assert (preview["samples"], preview["test"]) == (69, {"names": ["x_test", "y_test"], "samples": 9})
    for names in (("X", "Y", "X_test", "test_Y"), ("Images_Train", "labels_train", "images_test", "LABELS_TEST")):
        arrays = dict(zip(names, (X, Y, X[:9], Y[:9]), strict=True))
        assert read(packed(**arrays), inputs=names[0], targets=names[1])["preview"]["test"]["samples"] == 9
    assert "test" not in read(packed(x=X, y=Y))["preview"]


@pytest.mark.parametrize(
    "test",
    [(X[:9, :3], Y[:9]), (X[:9], Y[:8]), (X[:9], Y[:9].astype(str)), (X[:9].astype(np.uint8), Y[:9]), (X[:0], Y[:0])],
)
def test_a_test_part_that_does_not_fit_is_said_not_to_be_used(tmp_path, read, test):
    file = packed(x_train=X, y_train=Y, x_test=test[0], y_test=test[1])
    assert read(file)["preview"]["test"] == {"names": ["x_test", "y_test"], "samples": 0}
    assert kept(tmp_path, file)[2]["test_from"] == 0


def odd(value):
    spoilt = X.copy()
    spoilt[3, 2] = value
    return spoilt


OBJECTS = np.array([{"a": 1}] * 60, dtype=object)
WRONG = {
    "objects": (packed(x=X, y=OBJECTS), {"targets": "y"}, "targets", "objects"),
    "only objects": (packed(y=OBJECTS), {}, "", "objects"),
    "words as inputs": (packed(x=np.array(["a"] * 60), y=Y), {"inputs": "x"}, "inputs", "odd_dtype"),
    "complex numbers": (packed(x=X + 1j, y=Y), {"inputs": "x"}, "inputs", "odd_dtype"),
    "dates": (packed(x=X, y=np.array(["2026-01-01"] * 60, "M8[D]")), {"targets": "y"}, "targets", "odd_dtype"),
    "unequal length": (packed(x=X, y=Y[:50]), {"targets": "y"}, "targets", "arrays_differ"),
    "one array": (packed(x=X), {}, "targets", "one_array"),
    "no such array": (packed(x=X, y=Y), {"inputs": "z"}, "inputs", "no_array"),
    "NaN": (packed(x=odd(np.nan), y=Y), {}, "inputs", "infinite"),
    "infinity": (packed(x=odd(-np.inf), y=Y), {}, "inputs", "infinite"),
    "beyond float32": (packed(x=odd(1e60), y=Y), {}, "inputs", "infinite"),
    "a target beyond float32": (packed(x=X, y=odd(1e60)[:, 2]), {}, "targets", "infinite"),
    "a test part beyond float32": (packed(x=X, y=Y, x_test=odd(1e60), y_test=Y), {}, "inputs", "infinite"),
    "NaN in targets": (packed(x=X, y=odd(np.nan)[:, 2]), {}, "targets", "infinite"),
    "five axes": (packed(x=np.zeros((60, 1, 1, 1, 1)), y=Y), {}, "inputs", "odd_shape"),
    "an empty axis": (packed(x=np.zeros((60, 0)), y=Y), {"inputs": "x"}, "inputs", "odd_shape"),
    "two targets each": (packed(x=X, y=X[:, :2]), {"targets": "y"}, "targets", "odd_targets"),
    "one class": (packed(x=X, y=Y * 0), {}, "targets", "array_one_class"),
    "one number": (packed(x=X, y=Y * 0 + 0.5), {}, "targets", "array_constant"),
    "as many classes as rows": (packed(x=X, y=np.array([f"c{n}" for n in range(60)])), {}, "targets",
                                "array_many_classes"),
    "too many classes": (packed(x=np.zeros((9000, 1)), y=np.array([f"c{n % 2500}" for n in range(9000)])), {},
                         "targets", "array_too_many_classes"),
    "objects as guessed inputs": (packed(x=OBJECTS, y=Y), {}, "inputs", "objects"),
    "objects as guessed targets": (packed(x=X, y=OBJECTS, ids=Y), {}, "targets", "objects"),
    "complex numbers as guessed inputs": (packed(x=X + 1j, y=Y), {}, "inputs", "odd_dtype"),
    "a guessed target too few": (packed(x=X, y=Y[:59]), {}, "targets", "arrays_differ"),
    "a guessed one-hot target": (packed(x=X, y=np.eye(3)[Y]), {}, "targets", "odd_targets"),
    "a scalar": (packed(x=np.float64(1), y=np.float64(2)), {}, "inputs", "odd_shape"),
    "arrays whose names say nothing": (packed(a=X, b=Y[:50]), {}, "targets", "no_target_array"),
    "few rows": (packed(x=X[:3], y=Y[:3]), {}, "", "few_rows"),
    "no arrays": (None, {}, "", "no_arrays"),
    "cut off": (packed(x=X, y=Y)[:-80], {}, "", "bad_zip"),
    "a bomb of zeros": (packed(x=np.zeros((60, 3_000_000), np.uint8), y=Y), {}, "inputs", "large"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "options", "path", "key"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_where_it_was_caused(read, content, options, path, key):
    if content is None:
        content = zipped({"x.npy": b"no header", "y.npy": b""})
    assert problem(read(content, **options)) == (path, key)


def header(shape, dtype="<f8"):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    return file.getvalue()


@pytest.mark.parametrize("dtype", ["<U0", "|S0"])
def test_an_array_of_nothing_at_all_is_not_read(read, dtype):
    files = {"x.npy": header((60, 4)) + X.tobytes(), "y.npy": header((60,), dtype)}
    assert problem(read(zipped(files))) == ("targets", "unreadable_array")


def test_an_array_whose_header_is_huge_is_named(read):
    fields = [(f"f{n}", "<f8") for n in range(2000)]
    files = zipped({"x.npy": header((60, 4), fields), "y.npy": header((60,)) + b"\0" * 480})
    assert problem(read(files)) == ("inputs", "unreadable_array")


def test_what_was_guessed_stands_in_the_form_even_where_it_cannot_be_taken(read):
    told = read(packed(x=OBJECTS, labels=Y))["preview"]
    assert told["options"] == {"kind": "npz", "inputs": "x", "targets": "labels", "target_kind": "classes",
                               "layout": "first"}  # fmt: skip
    assert read(packed(x=X, y=Y * 0))["preview"]["options"]["target_kind"] == "classes"
    assert read(packed(x=X, y=Y * 0 + 0.5))["preview"]["options"]["target_kind"] == "number"


@pytest.mark.parametrize("code", [0xD800, 0x110000, 0x7FFFFFFF])
def test_words_of_characters_that_are_none_are_refused(read, code):
    words = np.array([code, 97] * 30, "<u4").tobytes()
    files = {"x.npy": header((60, 4)) + X.tobytes(), "y.npy": header((60,), "<U1") + words}
    assert problem(read(zipped(files))) == ("targets", "odd_text")


@pytest.mark.parametrize("shape", [(60, 10**12), (60, 2**63), (60, -4), (-60,)])
def test_a_header_that_lies_about_its_shape_allocates_nothing(read, shape):
    files = zipped({"x.npy": header(shape) + b"\0" * 64, "y.npy": header((60,)) + b"\0" * 480})
    assert problem(read(files, inputs="x", targets="y"))[0] == "inputs"


def test_an_array_that_is_cut_off_is_refused(read):
    cut = zipped({"x.npy": header((60, 4)) + b"\0" * 100, "y.npy": header((60,)) + Y.astype("<f8").tobytes()})
    assert problem(read(cut)) == ("inputs", "bad_zip")


def test_a_file_that_unpacks_to_more_than_it_says_is_refused(read):
    """Its directory says 10 bytes, its content is 64 MiB of zeros: what is read stops at ten, and the sum is wrong."""
    small = zipped({"x.npy": header((60, 4)), "y.npy": header((60,)) + b"\0" * 480})
    body = zlib.compressobj(wbits=-15)
    stream = body.compress(header((60, 4)) + bytes(64 * 1024**2)) + body.flush()
    told = read(lying(small, stream))
    assert problem(told) == ("inputs", "bad_zip")


def lying(archive, stream):
    """Return a zip whose first file's stream is replaced, while its sizes and sums stay those of before."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        first, second = opened.infolist()
        local = 30 + len(first.filename)
        rest = archive[first.header_offset + local + first.compress_size :]
    moved = len(stream) - first.compress_size
    head = bytearray(archive[:local])
    directory_at = rest.rindex(b"PK\x01\x02", 0, rest.rindex(b"PK\x01\x02"))
    directory = bytearray(rest[directory_at:])
    for offset in (20,):  # the stream is as long as it is, what comes out of it is not
        struct.pack_into("<L", directory, offset, len(stream))
    struct.pack_into("<L", head, 18, len(stream))
    second_at = directory.index(b"PK\x01\x02", 4)
    struct.pack_into("<L", directory, second_at + 42, second.header_offset + moved)
    end = directory.rindex(b"PK\x05\x06")
    (start,) = struct.unpack_from("<L", directory, end + 16)
    struct.pack_into("<L", directory, end + 16, start + moved)
    return bytes(head) + stream + rest[:directory_at] + bytes(directory)


@pytest.mark.parametrize("files", [150_000, 5_000_000])
def test_a_zip_of_so_many_names_is_not_even_listed(read, files):
    """Its end says so, and that the list of them has 60 bytes for each."""
    content = zipped({"x.npy": header((60, 4))})
    end = content.rindex(b"PK\x05\x06")
    record = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, files, files, 60 * files, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    told = read(content[:end] + record + locator + content[end:])
    assert problem(told) == ("", "too_many_files")


@pytest.mark.parametrize("files", [0, 1, 3])
def test_a_zip_whose_end_lies_about_the_number_of_its_files_is_damaged(read, files):
    content = bytearray(packed(x=X, y=Y))
    struct.pack_into("<HH", content, content.rindex(b"PK\x05\x06") + 8, files, files)
    told = read(bytes(content))
    assert problem(told) == ("", "bad_zip")
    assert f"its end tells of {files} files, and 2 are listed" in told["problems"][0]["message"]


def test_a_zip_whose_end_tells_of_one_file_and_that_lists_very_many_is_not_listed(read):
    content = packed(x=X)
    begin, end = content.index(b"PK\x01\x02"), content.rindex(b"PK\x05\x06")
    entries = content[begin:end] * 110_000
    last = bytearray(content[end:])
    struct.pack_into("<L", last, 12, len(entries))
    assert problem(read(content[:begin] + entries + bytes(last))) == ("", "too_many_files")


def test_what_is_no_number_is_told_with_what_to_do(read):
    told = read(packed(x=X + 1j, y=Y))["preview"]["problems"][0]
    assert "x holds complex128, which are no numbers that can be trained on." in told["message"]
    assert "real and imaginary parts; or choose another array" in told["message"]
