"""Brings one file over the net: goes on where an earlier try broke off, takes no more than was announced, checks it.

pooch compares the sha256 and puts a file in its place whole or not at all; how the bytes come is ours, for its own
downloader begins anew each time and takes what it is given, however much.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONNECT_WITHIN_S, SILENT_FOR_S = 10, 30
PIECE = 32 * 1024  # bytes
# a registry's size may be a little off, a file's sha256 may not
MOST = 1.5
LEAST_ROOM = 64 * 1024


class Refused(Exception):
    """A file that did not come, or is not what it should be. The text says why and where."""


@dataclass(frozen=True)
class Hold:
    """What is wanted of where: `path` is where it shall be, `size` about how many bytes, `known_as` its checksum."""

    url: str
    path: Path
    size: int
    known_as: str

    @property
    def part(self) -> Path:
        """Where a download that is not finished lies, until it is."""
        return part_of(self.path)

    @property
    def come(self) -> int:
        """How many bytes of it have come already."""
        return self.part.stat().st_size if self.part.exists() else 0

    @property
    def host(self) -> str:
        """Who has it, for people to read."""
        return self.url.split("/")[2]


def part_of(path: Path) -> Path:
    """Return where a download of a file lies until it is finished."""
    return path.with_name(f"{path.name}.part")


def bring(wanted: Hold, tell: Callable[[], None]) -> None:
    """Have a file in its place, whole and checked; a file that is there and is the right one is left as it is.

    `tell` is called as they come.

    Raises:
        Refused: it cannot be reached, is too long, or is another file. OSError: the disk does not take it.
    """
    import pooch  # it and requests take a quarter of a second to import
    import requests

    pooch.get_logger().setLevel("ERROR")
    went_on = wanted.come > 0
    try:
        pooch.retrieve(
            wanted.url,
            known_hash=wanted.known_as,
            fname=wanted.path.name,
            path=wanted.path.parent,
            downloader=lambda url, target, _: _stream(wanted, Path(target), tell),
        )
    except requests.exceptions.HTTPError as error:
        raise Refused(f"{wanted.host} answers {error.response.status_code} {error.response.reason}") from None
    except (requests.exceptions.Timeout, requests.exceptions.ConnectionError) as error:
        raise Refused(f"{wanted.host} {_why(error)}") from None
    except requests.exceptions.RequestException as error:
        raise Refused(f"{wanted.host}: {error}") from None
    except ValueError:  # pooch's word for another checksum
        if went_on:  # what lay there may have been the beginning of another file
            bring(wanted, tell)
            return
        kind = wanted.known_as.partition(":")[0]
        raise Refused(f"{wanted.host} has another file of that name: its {kind} is not the one it should be") from None


def _stream(wanted: Hold, target: Path, tell: Callable[[], None]) -> None:
    import requests
    import urllib3

    part, there = wanted.part, wanted.come
    # a file that is gzip shall come as it is, and not unpacked on the way
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={there}-"} if there else {})
    limits = (CONNECT_WITHIN_S, SILENT_FOR_S)
    with requests.get(wanted.url, headers=headers, stream=True, timeout=limits) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            part.unlink()  # it is not the beginning of this file
            _stream(wanted, target, tell)
            return
        answer.raise_for_status()
        came = there if _goes_on(answer, there) else 0
        with part.open("ab" if came else "wb") as file:
            tell()
            try:
                for piece in answer.raw.stream(PIECE, decode_content=False):
                    came += len(piece)
                    if came > max(wanted.size * MOST, wanted.size + LEAST_ROOM):
                        break
                    file.write(piece)
                    tell()
            except urllib3.exceptions.HTTPError as error:
                raise requests.exceptions.ConnectionError(error) from None
            file.flush()
            os.fsync(file.fileno())
    if came > max(wanted.size * MOST, wanted.size + LEAST_ROOM):
        part.unlink()
        raise Refused(f"{wanted.host} sends more than the {wanted.size:,} bytes that the file has")
    shutil.move(part, target)


def _goes_on(answer: Any, there: int) -> bool:
    return answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {there}-")


def _why(error: Exception) -> str:
    told = str(error)
    if "NameResolution" in told or "getaddrinfo" in told or "name resolution" in told.lower():
        return "cannot be found: there seems to be no network"
    if "refused" in told:
        return "refuses the connection"
    if "timed out" in told.lower():
        return "does not answer"
    if "IncompleteRead" in told or "Connection broken" in told:
        return "broke off in the middle; the next try goes on from there"
    return f"cannot be reached ({type(error).__name__})"
