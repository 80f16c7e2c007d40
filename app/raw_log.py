"""Event logs read a second time, by other code than the server's: what `livefit verify` compares the folds with.

Shares with the live path the decoding of an entry and nothing else: frames, order and the line of what is visible
after several attempts are worked out here anew.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np

from trainer.protocol import Captured, Entry, Epoch, Measured, Started, Thinned, decode

HEADER_BYTES = 12  # length, crc32 of the payload, crc32 of those eight bytes; u32 each, little endian
LONGEST = 64 * 1024 * 1024
PIECE_BYTES = 16 * 1024 * 1024
SEARCHED_BYTES = 4 * 1024 * 1024  # behind damage, for the next frame that is whole
EPOCH = "epoch"

Points = tuple[np.ndarray, np.ndarray]  # steps int64 (n,), the bits of the values uint32 (n,)


@dataclass
class RawLog:
    """One attempt's log. Counts are of entries; `damage` and what is behind it are never read as data."""

    path: Path
    entries: int = 0
    missing: int = 0
    repeated: int = 0
    behind: int = 0
    torn_bytes: int = 0
    damage: str = ""
    said: list[Entry] = field(default_factory=list)
    numbers: dict[tuple[str, str], Points] = field(default_factory=dict)

    @property
    def attempt(self) -> int:
        """The number in the log's name."""
        return int(self.path.stem.removeprefix("events-"))

    @property
    def started(self) -> Started | None:
        """How the attempt began."""
        return next((one.said for one in self.said if isinstance(one.said, Started)), None)


def event_logs(folder: Path) -> list[Path]:
    """Return the event logs of a run, first attempt first."""
    found = [one for one in folder.glob("events-*.log") if one.stem.removeprefix("events-").isdecimal()]
    return sorted(found, key=lambda one: int(one.stem.removeprefix("events-")))


def read(path: Path) -> RawLog:
    """Read one log as far as it is sound: to its end, a torn tail, damage, or an entry that does not follow."""
    log = RawLog(path)
    gathered: dict[tuple[str, str], list[tuple[bytes, bytes]]] = {}
    seq = 0
    for offset, payload in _payloads(log):
        try:
            entry = decode(payload)
        except msgspec.MsgspecError as error:
            log.damage = f"{path.name} at byte {offset}: a whole frame that is no entry of this version ({error})"
            break
        if entry.first != seq + 1:
            log.repeated += entry.seq <= seq
            log.missing += max(0, entry.seq - seq - 1)
            log.damage = f"{path.name} at byte {offset}: entry {entry.seq} follows entry {seq}"
            break
        seq = entry.seq
        log.entries += 1
        said = entry.said
        if isinstance(said, Measured):
            for name, column in said.columns.items():
                gathered.setdefault((said.probe, name), []).append((said.steps, column))
        elif not isinstance(said, Captured | Thinned):
            log.said.append(entry)
        if isinstance(said, Epoch):
            step = np.int64(said.step).tobytes()
            for name, value in said.metrics.items():
                gathered.setdefault((EPOCH, name), []).append((step, np.float32(value).tobytes()))
    log.numbers = {
        name: (
            np.frombuffer(b"".join(one for one, _ in parts), "<i8"),
            np.frombuffer(b"".join(one for _, one in parts), "<u4"),
        )
        for name, parts in gathered.items()
    }
    return log


def cut(points: Points, step: int) -> Points:
    """Return the points up to a step."""
    kept = points[0] <= step
    return points[0][kept], points[1][kept]


def joined(before: Points, after: Points) -> Points:
    """Return both, one after the other."""
    return np.concatenate((before[0], after[0])), np.concatenate((before[1], after[1]))


def _payloads(log: RawLog) -> Iterator[tuple[int, bytes]]:
    with log.path.open("rb") as file:
        data, base, at = b"", 0, 0
        while True:
            end = at + _wanted(data, at)
            if end > len(data):
                more = file.read(max(PIECE_BYTES, end - len(data)))
                if not more:
                    log.torn_bytes = len(data) - at
                    return
                data, base, at = data[at:] + more, base + at, 0
                continue
            if why := _wrong_with(data, at):
                rest = data[at:] + file.read(SEARCHED_BYTES)
                if not rest.strip(b"\0"):
                    log.torn_bytes = len(rest)  # a size that a power cut kept without its bytes
                    return
                log.damage = f"{log.path.name} at byte {base + at}: {why}"
                log.behind = _lost_from(rest)
                return
            yield base + at, data[at + HEADER_BYTES : end]
            at = end


def _wanted(data: bytes, at: int) -> int:
    if len(data) - at < HEADER_BYTES or not _sound_header(data, at):
        return HEADER_BYTES
    length = struct.unpack_from("<I", data, at)[0]
    return HEADER_BYTES + (length if length <= LONGEST else 0)


def _sound_header(data: bytes, at: int) -> bool:
    return zlib.crc32(data[at : at + 8]) == struct.unpack_from("<I", data, at + 8)[0]


def _wrong_with(data: bytes, at: int) -> str:
    if not _sound_header(data, at):
        return "the header does not match its checksum"
    length, checksum = struct.unpack_from("<II", data, at)
    if length > LONGEST:
        return f"a frame of {length} bytes"
    payload = data[at + HEADER_BYTES : at + HEADER_BYTES + length]
    return "" if zlib.crc32(payload) == checksum else "the payload does not match its checksum"


def _lost_from(data: bytes) -> int:
    """Return how many entries damage at the begin of `data` hides: the damaged one, and the whole ones behind it."""
    found, at = 1, 1
    while at + HEADER_BYTES <= min(len(data), SEARCHED_BYTES):
        end = at + HEADER_BYTES + struct.unpack_from("<I", data, at)[0]
        if end <= len(data) and not _wrong_with(data, at):
            found, at = found + 1, end
        else:
            at += 1
    return found
