"""The append log: any cut is a torn tail, any flipped bit is found, and a full disk tears nothing."""

import struct
import subprocess
import sys
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.protocol import Entry, Marked, Pause, Save, decode, encode
from trainer.runlog import HEADER, MAX_PAYLOAD, LogDamaged, LogWriter, frame, frames, read_all, read_entries

texts = st.lists(st.text(max_size=200), min_size=1, max_size=20)
often = settings(max_examples=150, deadline=None)


def marks(*texts):
    return [Marked(step=i, kind="note", text=text) for i, text in enumerate(texts)]


def log_of(folder, *texts):
    path = folder / "events-1.log"
    writer = LogWriter(path)
    writer.append(marks(*texts))
    writer.close()
    return path


def read(path):
    return [entry.said.text for entry, _ in read_all(path)]


@often
@given(texts=texts, data=st.data())
def test_a_log_cut_at_any_byte_reads_as_its_whole_frames(tmp_path_factory, texts, data):
    path = log_of(tmp_path_factory.mktemp("log"), *texts)
    whole = path.read_bytes()
    ends = [one.end for one in frames(whole, path)]
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    assert read(path) == texts[: sum(end <= cut for end in ends)]


@often
@given(texts=texts, data=st.data())
def test_a_flipped_bit_anywhere_is_never_read_as_data(tmp_path_factory, texts, data):
    path = log_of(tmp_path_factory.mktemp("log"), *texts)
    whole = bytearray(path.read_bytes())
    ends = [one.end for one in frames(bytes(whole), path)]
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    path.write_bytes(whole)
    sound = sum(end <= bit // 8 for end in ends)
    seen = []
    with pytest.raises(LogDamaged) as damage:
        seen.extend(entry.said.text for entry, _ in read_all(path))
    assert seen == texts[:sound]
    assert damage.value.offset == (ends[sound - 1] if sound else 0)


@often
@given(texts=texts, data=st.data())
def test_reading_on_from_any_frame_gives_the_rest(tmp_path_factory, texts, data):
    path = log_of(tmp_path_factory.mktemp("log"), *texts)
    ends = [0, *(one.end for one in frames(path.read_bytes(), path))]
    at = data.draw(st.integers(0, len(texts)))
    limit = data.draw(st.integers(1, 400))
    found, offset = [], ends[at]
    while piece := list(read_entries(path, offset, max(limit, HEADER.size))):
        found += [entry.said.text for entry, _ in piece]
        offset = piece[-1][1].end
    assert found == texts[at:]


def test_a_missing_log_is_an_empty_one(tmp_path):
    assert read(tmp_path / "events-1.log") == []


def test_a_frame_that_claims_to_be_huge_is_damage_and_not_memory(tmp_path):
    lead = struct.pack("<II", MAX_PAYLOAD + 1, 0)
    path = tmp_path / "events-1.log"
    path.write_bytes(lead + struct.pack("<I", zlib.crc32(lead)))
    with pytest.raises(LogDamaged, match="over the limit"):
        read(path)


def test_a_whole_frame_that_is_no_entry_is_damage(tmp_path):
    path = tmp_path / "events-1.log"
    path.write_bytes(frame(b"\x93\x01\x02\x81"))
    with pytest.raises(LogDamaged, match="no entry of this version"):
        read(path)


def test_a_writer_goes_on_after_a_torn_tail(tmp_path):
    path = log_of(tmp_path, "a", "b")
    with path.open("ab") as file:
        file.write(frame(encode(Entry(3, 0.0, marks("torn")[0])))[:-1])
    writer = LogWriter(path)
    assert writer.append(marks("c")) == 3
    writer.close()
    assert [(entry.seq, entry.said.text) for entry, _ in read_all(path)] == [(1, "a"), (2, "b"), (3, "c")]


@often
@given(texts=texts, zeros=st.integers(1, 5000))
def test_a_size_without_its_bytes_is_a_torn_tail_that_a_writer_cuts_off(tmp_path_factory, texts, zeros):
    """After a power cut a file may have grown, and read as zeros there."""
    path = log_of(tmp_path_factory.mktemp("log"), *texts)
    with path.open("ab") as file:
        file.write(bytes(zeros))
    assert read(path) == texts
    writer = LogWriter(path)
    writer.append(marks("after"))
    writer.close()
    assert read(path) == [*texts, "after"]


def test_a_writer_refuses_to_append_behind_damage(tmp_path):
    path = log_of(tmp_path, "a", "b")
    data = bytearray(path.read_bytes())
    data[HEADER.size + 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(LogDamaged):
        LogWriter(path)
    assert path.read_bytes() == bytes(data)


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from trainer.protocol import Marked
from trainer.runlog import LogWriter, NotWritten, read_all

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
writer = LogWriter(path)
batch = [Marked(step=i, kind="note", text=str(i) * 20) for i in range(10)]
writer.append(batch[:2])
read_before = [entry.seq for entry, _ in read_all(path)]
room = path.stat().st_size + int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
rest = batch[2:]
try:
    writer.append(rest)
    sys.exit("the disk was not full")
except NotWritten as error:
    rest = rest[error.written:]
    there = [entry.seq for entry, _ in read_all(path)]
    print(error.written, path.stat().st_size <= room, there == list(range(1, 3 + error.written)))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
writer.append(rest)
writer.close()
print([(entry.seq, entry.said.step) for entry, _ in read_all(path)] == [(i + 1, i) for i in range(10)])
"""


@pytest.mark.parametrize("room", [0, 1, 50, 100, 200, 333])
def test_a_short_write_is_cut_back_to_whole_entries_and_the_rest_is_written_later(tmp_path, room):
    # RLIMIT_FSIZE does what a full disk does: write() takes a part, and the next one fails
    path = tmp_path / "events-1.log"
    told = subprocess.run([sys.executable, "-c", FULL_DISK, str(path), str(room)], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    first, second = told.stdout.splitlines()
    written, *held = first.split()
    assert held == ["True", "True"]
    assert second == "True"
    assert (int(written) > 0) == (room >= 100)


def test_the_log_of_commands_holds_commands(tmp_path):
    writer = LogWriter(tmp_path / "commands.log")
    writer.append([Pause(id="1", by="Kim"), Save(id="2", name="mine")])
    writer.close()
    assert [entry.said for entry, _ in read_all(writer.path)] == [Pause(id="1", by="Kim"), Save(id="2", name="mine")]


def test_an_entry_survives_its_encoding():
    entry = Entry(3, 12.25, Marked(step=7, kind="nan", text="\u00e9\u4e2d"))
    assert decode(encode(entry)) == entry
