"""Tables as people bring them: every encoding and separator, and for all that is wrong a sentence at its place."""

from functools import partial

import numpy as np
import pytest

from tests.uploads import TABLE, kept, look_at, problem
from trainer.own.sheets import SAMPLE_ROWS
from trainer.own.targets import MAX_CLASSES


@pytest.fixture
def read(tmp_path):
    return partial(look_at, tmp_path)


@pytest.fixture
def keep(tmp_path):
    return partial(kept, tmp_path)


def kinds(preview):
    return {one["name"]: one["kind"] for one in preview["columns"]}


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16"), ("cp949", "cp949")],
)
def test_an_encoding_is_known_by_itself(read, encoding, said):
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    preview = read((mark + TABLE).encode(encoding))["preview"]
    assert preview["options"]["encoding"] == said
    assert kinds(preview) == {"번호": "ignore", "점수": "number", "성별": "category", "label": "category"}
    assert preview["problems"] == []
    assert preview["options"]["target"] == "label"


@pytest.mark.parametrize("text", ["Größe;Name\n1;Ärger\n2;Ödnis\n3;Ärger\n", "café;naïve\n1;é\n2;É\n3;Ça va\n"])
def test_western_text_is_not_taken_for_korean(read, text):
    assert read(text.encode("cp1252"))["preview"]["options"]["encoding"] == "latin-1"


@pytest.mark.parametrize(("name", "mark"), [("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("bar", "|")])
def test_a_separator_is_known_by_itself(read, name, mark):
    preview = read(TABLE.replace(",", mark))["preview"]
    assert preview["options"]["separator"] == name
    assert len(preview["columns"]) == 4


def test_numbers_with_a_decimal_comma_are_numbers(keep):
    text = "a;b\n" + "\n".join(f"{number},5;{number % 2}" for number in range(20))
    inputs, _, meta = keep(text)
    assert meta["options"]["decimal"] == "comma"
    assert inputs[:3, 0].tolist() == [0.5, 1.5, 2.5]


def test_without_a_header_columns_are_numbered(read):
    preview = read("\n".join(f"{number}.5,{number % 2}" for number in range(20)))["preview"]
    assert preview["options"]["header"] is False
    assert [one["name"] for one in preview["columns"]] == ["column 1", "column 2"]
    assert preview["samples"] == 20
    again = read("x,y\n" + "\n".join(f"{number}.5,{number % 2}" for number in range(20)), header=False)["preview"]
    assert again["rows_read"] == 21


def test_names_that_are_the_same_or_empty_are_told_apart(read):
    preview = read("a,a,,label\n" + "1,2,3,x\n4,5,6,y\n" * 5)["preview"]
    assert [one["name"] for one in preview["columns"]] == ["column 1", "column 2", "column 3", "column 4"]
    named = read("a,a,,label\n" + "1,2,3,x\n4,5,6,y\n" * 5, header=True)["preview"]
    assert [one["name"] for one in named["columns"]] == ["a", "a (2)", "column 3", "label"]


def test_what_is_guessed_wrong_can_be_said(keep):
    text = "grade,kind\n" + "\n".join(f"{number % 3},{'ab'[number % 2]}" for number in range(30))
    inputs, targets, meta = keep(text, columns={"0": "category"}, target="kind")
    assert (meta["features"], meta["columns"][0]["values"]) == (["grade"], ["0", "1", "2"])
    assert inputs[:4, 0].tolist() == [0, 1, 2, 0]
    assert (targets.shape, meta["kind"], meta["classes"]) == ((30, 1), "binary", ["a", "b"])
    _, targets, meta = keep(text, target="grade")
    assert (targets.dtype, meta["kind"], meta["counts"]) == (np.int64, "classes", [10, 10, 10])
    _, targets, meta = keep(text, target="grade", target_kind="number")
    assert (targets.dtype, meta["kind"], meta["classes"]) == (np.float32, "number", [])


GAPS = "age,sex,y\n" + "1,m,a\n,f,b\n3,,a\n4,m,\n" * 5


def test_what_is_missing_stays_so_until_a_training_part_can_fill_it(keep):
    inputs, targets, meta = keep(GAPS)
    assert meta["samples"] == 15, "rows without a target teach nothing"
    assert meta["left_out"] == {"no_target": 5, "missing": 0}
    assert [one["missing"] for one in meta["columns"]] == [5, 5]
    assert np.isnan(inputs[1, 0])
    assert np.isnan(inputs[2, 1])
    assert targets.flatten()[:3].tolist() == [0, 1, 0]


def test_rows_with_something_missing_can_be_dropped(keep):
    text = GAPS + "2,f,b\n" * 5
    inputs, _, meta = keep(text, missing="drop")
    assert not np.isnan(inputs).any()
    assert meta["left_out"] == {"no_target": 5, "missing": 10}
    assert meta["samples"] == 10


def test_a_slip_in_a_column_of_numbers_is_named_with_its_line(read, keep):
    text = "a,y\n" + "\n".join(f"{number if number != 12 else 'abc'},{number % 2}" for number in range(30))
    told = read(text)["preview"]
    assert kinds(told)["a"] == "number"
    assert problem({"preview": told}) == ("columns.0", "no_number")
    assert "Line 14 has ‘abc’ in a" in told["problems"][0]["message"]
    assert keep(text)[0]["values"] == {"line": "14", "value": "‘abc’", "column": "a"}
    inputs, _, meta = keep(text, not_numbers="missing")
    assert np.isnan(inputs[12, 0])
    assert meta["columns"][0]["missing"] == 1


WRONG = {
    "nothing": (b"", {}, "", "empty"),
    "spaces": (b"\xef\xbb\xbf \n\n", {}, "", "empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0", {}, "", "not_text_image"),
    "a gzip": (b"\x1f\x8b\x08\0\0", {}, "", "not_text_packed"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", {}, "", "not_text_excel"),
    "a program": (b"\x7fELF\x02\x01\x01\0\0\0", {}, "", "not_text"),
    "a NUL later": (b"a,b\n" + (b"1" * 98 + b",2\n") * 5_000 + b"\0,1\n", {}, "", "not_text"),
    "a million columns": (b"1," * 1_000_000 + b"1\n", {}, "", "line_long"),
    "many columns": (b"1," * 20_000 + b"1\n", {}, "separator", "many_columns"),
    "one line": (b"a,b\n", {}, "header", "no_rows"),
    "a quote that stays open": (b'a,b\n1,"' + b"x,y\n" * 50_000, {}, "separator", "open_quote"),
    "rows that differ": (b"a,b\n1,2\n1,2,3\n", {}, "separator", "ragged"),
    "the wrong encoding": (TABLE.encode("cp949"), {"encoding": "utf-8"}, "encoding", "undecodable"),
    "half a character": ("가,나\n".encode("utf-16") + b"\x00", {}, "encoding", "undecodable"),
    "no such encoding": (b"a,b\n1,2\n", {"encoding": "ebcdic"}, "encoding", "bad_option"),
    "no such kind": (b"a,b\n1,2\n", {"columns": {"0": "date"}}, "columns.0", "bad_option"),
    "a header that is no yes or no": (b"a,b\n1,2\n", {"header": "maybe"}, "header", "bad_option"),
    "columns that are no mapping": (b"a,b\n1,2\n", {"columns": [1]}, "columns", "bad_option"),
    "no such target": (TABLE.encode(), {"target": "상태"}, "target", "no_column"),
    "no target": (b"a\n\n\n1\n1\n1\n1\n1\n", {}, "target", "no_target"),
    "one class": (b"x,y\n" + b"1,a\n2,a\n" * 5, {"target": "y"}, "target", "one_class"),
    "one number": (b"x,y\n" + b"1,2.5\n2,2.5\n" * 5, {"target": "y", "target_kind": "number"}, "target", "constant"),
    "as many classes as rows": ("\n".join(f"{n}.5,c{n}" for n in range(30)).encode(), {"target": "column 2"}, "target",
                                "many_classes"),
    "too many classes": ("\n".join(f"{n}.5,c{n % 1200}" for n in range(4000)).encode(),
                         {"target": "column 2"}, "target", "too_many_classes"),
    "an empty target": (b"a,y\n" + b"1,\n2,\n" * 10, {"target": "y"}, "target", "no_target_values"),
    "an empty target of numbers": (b"a,y\n" + b"1,\n2,\n" * 10, {"target": "y", "target_kind": "number"}, "target",
                                   "no_target_values"),
    "few rows": (b"x,y\n1,a\n2,b\n", {}, "", "few_rows"),
    "nothing to learn from": (b"x,y\n" + b"1,a\n1,b\n" * 5, {}, "columns", "no_inputs"),
    "a word among numbers": (b"x,y\n" + b"1.5,a\n2,b\nwhat,a\n" * 5, {"columns": {"0": "number"}}, "columns.0",
                             "no_number"),
    "infinity": (b"x,y\n" + b"1,a\n2,b\ninf,b\n" * 5, {"columns": {"0": "number"}}, "columns.0", "no_number"),
    "a number beyond all": (b"x,y\n" + b"1,a\n2,b\n1e99,b\n" * 5, {}, "columns.0", "vast"),
    "a category of names": ("\n".join(f"n{n},{n % 2}" for n in range(200)).encode(), {"columns": {"0": "category"}},
                            "columns.0", "categories"),
    "an empty column": (b"x,e,y\n" + b"1,,a\n2,,b\n" * 5, {"columns": {"1": "number"}}, "columns.1", "hollow"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "options", "path", "key"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_where_it_was_caused(read, content, options, path, key):
    assert problem(read(content, **options)) == (path, key)


def test_every_column_that_cannot_be_taken_is_named_at_once(read):
    content = "a,b,y\n" + "\n".join(f"x{n},z{n},{n % 2}" for n in range(150))
    told = read(content, columns={"0": "category", "1": "number"})["preview"]
    assert [(one["path"], one["key"]) for one in told["problems"]] == [("columns.0", "categories"),
                                                                       ("columns.1", "no_number")]  # fmt: skip


def test_the_first_rows_of_a_long_file_do_not_speak_for_all_of_it(read, keep):
    """Sorted by class, the sample has one class only: that is no problem of the file."""
    half = SAMPLE_ROWS + 10
    text = "x,y\n" + "".join(f"{n % 9},a\n" for n in range(half)) + "".join(f"{n % 5},b\n" for n in range(half))
    preview = read(text, target="y")["preview"]
    assert (preview["whole"], preview["rows_read"], preview["problems"]) == (False, SAMPLE_ROWS - 1, [])
    inputs, _, meta = keep(text, target="y")
    assert meta["counts"] == [half, half]
    assert inputs[:11, 0].tolist() == [*range(9), 0, 1]


def test_a_wide_table_is_read_in_time(read):
    text = ",".join(f"c{n}" for n in range(5000)) + ",y\n"
    text += "".join(",".join("1.5" for _ in range(5000)) + f",{'ab'[n % 2]}\n" for n in range(100))
    told = read(text)["preview"]
    assert told["columns_in_all"] == 5001
    assert len(told["columns"]) == 200


@pytest.mark.parametrize("classes", [2, 3, MAX_CLASSES])
def test_classes_are_in_order_and_numbers_by_size(keep, classes):
    text = "x,y\n" + "\n".join(f"{n}.5,{n % classes}" for n in range(3 * classes))
    _, targets, meta = keep(text, target="y", target_kind="classes")
    assert meta["classes"] == [str(n) for n in range(classes)]
    assert targets.flatten()[:classes].tolist() == list(range(classes))


@pytest.mark.parametrize(
    ("separator", "cells", "numbers"),
    [
        (",", ['"1,037"', '"12,500.5"', "7"], [1037, 12500.5, 7]),
        (";", ["1.037,5", "12.500,25", "7"], [1037.5, 12500.25, 7]),
        (";", ["1.037", "12.500", "7,5"], [1037, 12500, 7.5]),
        (";", ["0,125", "1,250", "7,5"], [0.125, 1.25, 7.5]),
    ],
)
def test_thousands_that_are_apart_are_no_decimals(keep, separator, cells, numbers):
    rows = [f"{cells[n % 3]}{separator}{'ab'[n % 2]}" for n in range(30)]
    inputs, _, meta = keep("\n".join([f"price{separator}y", *rows]))
    assert meta["columns"][0]["kind"] == "number"
    assert inputs[:3, 0].tolist() == numbers


def test_a_name_with_an_underscore_is_no_number(read):
    preview = read("week,y\n" + "".join(f"2024_{n % 5},{'ab'[n % 2]}\n" for n in range(30)))["preview"]
    assert kinds(preview)["week"] == "category"


def test_the_header_of_pandas_has_no_name_over_the_numbers_of_its_rows(read):
    preview = read(",age,y\n" + "".join(f"{n},{20 + n % 9},{'ab'[n % 2]}\n" for n in range(30)))["preview"]
    assert preview["options"]["header"] is True
    assert kinds(preview) == {"column 1": "ignore", "age": "number", "y": "category"}
    assert read(",a,\n1,2,3\n4,5,6\n")["preview"]["options"]["header"] is False


@pytest.mark.parametrize(
    "words", [[str(12345678901234567 + n) for n in range(3)], [f"{'w' * 70} {n}" for n in range(3)]]
)
def test_classes_that_begin_alike_stay_apart(keep, words):
    _, _, meta = keep("x,label\n" + "".join(f"{n},{words[n % 3]}\n" for n in range(60)), target_kind="classes")
    assert meta["counts"] == [20, 20, 20]
    assert len(set(meta["classes"])) == 3
    assert all(len(one) <= 60 for one in meta["classes"])


def test_one_and_one_point_nought_are_one_class(keep):
    _, _, meta = keep("x,y\n" + "".join(f"{n},{('1', '1.0', '01', 'b')[n % 4]}\n" for n in range(60)))
    assert meta["classes"] == ["1", "b"]
