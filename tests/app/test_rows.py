"""Tables of which older rows lie in a file: the same rows wherever they lie, and never a damaged one."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rows import BLOCK, BlockFile, BlocksDamaged, Rows

KINDS = (np.int64, np.float32)
LOCK = threading.RLock()


def columns(first, count):
    keys = np.arange(first, first + count) // 3 * 3  # each key three times
    return [keys.astype(np.int64), np.arange(first, first + count, dtype=np.float32)]


def spilled(folder, count):
    file = BlockFile(folder / "blocks.bin", fresh=True)
    rows = Rows(KINDS)
    rows.append(columns(0, count))
    rows.spill(file, LOCK)
    return rows, file


acts = st.lists(
    st.tuples(st.sampled_from(["append", "append", "cut", "spill", "reopen"]), st.integers(0, 2_000)), max_size=12
)


@settings(max_examples=80, deadline=None)
@given(acts=acts, data=st.data())
def test_rows_are_the_same_wherever_they_lie(tmp_path_factory, acts, data):
    file = BlockFile(tmp_path_factory.mktemp("rows") / "blocks.bin", fresh=True)
    rows, right, next_key = Rows(KINDS), columns(0, 0), 0
    for act, number in acts:
        if act == "append":
            more = columns(next_key, number)
            rows.append(more)
            right = [np.concatenate(pair) for pair in zip(right, more, strict=True)]
            next_key += number
        elif act == "cut":
            size = number * len(right[0]) // 2_000
            rows.cut(size)
            right = [column[:size] for column in right]
        else:
            rows.spill(file, LOCK)
            if act == "reopen":
                rows = Rows(KINDS).restore(rows.save(), BlockFile(file.path))
    view = rows.view
    assert view.size == rows.size == len(right[0])
    low = data.draw(st.integers(0, view.size))
    high = data.draw(st.integers(low, view.size))
    for column, wanted in zip(view.rows(low, high), right, strict=True):
        assert np.array_equal(column, wanted[low:high])
    for key in (0, 1, data.draw(st.integers(0, next_key + 3)), next_key):
        assert view.rank(key) == np.searchsorted(right[0], key)
        assert view.rank(key, "right") == np.searchsorted(right[0], key, "right")
    assert not right[0].size or rows.tail[0][-1] == right[0][-1]


def test_a_view_stays_as_it_was_taken(tmp_path):
    rows, _ = spilled(tmp_path, 5_000)
    view = rows.view
    rows.cut(100)
    rows.append(columns(100_000, 3_000))
    assert view.size == 5_000
    assert np.array_equal(view.rows(0, 5_000)[1], np.arange(5_000))


def test_little_of_a_long_table_is_in_memory(tmp_path):
    rows, file = spilled(tmp_path, 1_000_000)
    assert len(rows.tail[0]) <= 2 * BLOCK
    saved = rows.save()
    assert len(saved.places) + sum(len(one) for one in saved.tail) < 60_000
    assert file.path.stat().st_size > 11_000_000


@pytest.mark.parametrize("harm", ["flip", "cut", "delete"])
def test_a_damaged_block_is_an_error_and_never_a_number(tmp_path, harm):
    rows, file = spilled(tmp_path, 5_000)
    data = bytearray(file.path.read_bytes())
    data[7] ^= 1
    file.path.write_bytes(data if harm == "flip" else b"" if harm == "cut" else bytes(len(data)))
    with pytest.raises(BlocksDamaged):
        rows.view.rows(0, 10)
    assert len(rows.view.rows(4_900, 5_000)[0]) == 100


def test_two_who_append_to_one_file_do_not_write_over_one_another(tmp_path):
    rows, file = spilled(tmp_path, 3_000)
    other = Rows(KINDS)
    other.append(columns(0, 3_000))
    other.spill(BlockFile(file.path), LOCK)
    rows.append(columns(3_000, 3_000))
    rows.spill(file, LOCK)
    assert np.array_equal(rows.view.rows(0, 6_000)[1], np.arange(6_000))
    assert np.array_equal(other.view.rows(0, 3_000)[1], np.arange(3_000))


@pytest.mark.parametrize("size", [1, BLOCK - 1, BLOCK, 2 * BLOCK, 3 * BLOCK + 1])
def test_the_last_row_is_at_hand_wherever_a_table_is_cut(tmp_path, size):
    rows, _ = spilled(tmp_path, 5_000)
    rows.cut(size)
    assert rows.size == size
    rows.replace_last([np.array([7_000]), np.array([-1.0])])
    assert rows.size == size
    assert rows.view.rows(size - 1, size)[1] == [-1]
