"""Data sets that have to be downloaded: known by their checksums, kept in the cache folder, downloaded once.

The cache folder is LIVEFIT_CACHE, or livefit in the cache folder of the machine. A data set has a folder in it, with
files that were checked as they came. A file that somebody put into the cache folder itself, by hand and under a name
that `downloads.toml` knows, is taken as it is. LIVEFIT_MIRROR=http://... is asked in place of all other addresses, for
<data set>/<file>; LIVEFIT_OFFLINE=1 forbids every download. No torch.

`python -m trainer.downloads mnist imdb` brings data sets here before they are needed.
"""

import fcntl
import hashlib
import os
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from trainer.component import no_such
from trainer.transfer import Hold, Refused, bring, part_of

REGISTRY = Path(__file__).with_suffix(".toml")
LOOK_EVERY_S = 0.2

Tell = Callable[[str, int, int], None]  # hears what is brought, how many bytes of it are here, and of how many


class Unavailable(Exception):
    """A data set that is not here and could not be brought. The text says why, `hint` what to do instead."""

    def __init__(self, reason: str, hint: str):
        super().__init__(reason)
        self.hint = hint


@dataclass(frozen=True)
class File:
    """One file of a data set: its addresses have the same bytes, by which it is known."""

    name: str
    bytes: int
    urls: tuple[str, ...]
    sha256: str = ""
    md5: str = ""  # where who publishes it says no other

    @property
    def known_as(self) -> str:
        """What its bytes are known by, with how that is reckoned: sha256:... or md5:..."""
        return f"sha256:{self.sha256}" if self.sha256 else f"md5:{self.md5}"

    def is_in(self, folder: Path) -> bool:
        """Return whether the file in a folder is this one."""
        kind, _, known = self.known_as.partition(":")
        with (folder / self.name).open("rb") as file:
            return hashlib.file_digest(file, kind).hexdigest() == known


@dataclass(frozen=True)
class Source:
    """A data set as `downloads.toml` has it."""

    name: str
    title: str
    licence: str
    citation: str
    instead: str
    by_hand: tuple[str, ...]
    files: tuple[File, ...]
    also: tuple[str, ...] = ()  # what goes with it, and is not needed to train on it

    @property
    def folder(self) -> Path:
        """Where its downloaded files are kept."""
        return cache_folder() / self.name

    @property
    def bytes(self) -> int:
        """How much its download takes."""
        return sum(one.bytes for one in self.files)

    @property
    def size(self) -> str:
        """How much its download takes, in words: three digits and the unit that fits, as pages write it."""
        return in_words(self.bytes)

    @property
    def missing(self) -> str:
        """How much of it and of what goes with it is not here, in words."""
        return in_words(sum(one.bytes for one in (self, *map(source, self.also)) if not one.is_here()))

    @property
    def come(self) -> int:
        """How many bytes of it are here, those of a download that is under way among them."""
        return sum(_come(self.folder / one.name) for one in self.files)

    def put_by_hand(self) -> Path | None:
        """Return the file that somebody put there, if there is one."""
        return next((path for name in self.by_hand if (path := cache_folder() / name).is_file()), None)

    def is_here(self) -> bool:
        """Return whether it can be read without a download."""
        kept = bool(self.files) and all((self.folder / one.name).is_file() for one in self.files)
        return kept or self.put_by_hand() is not None

    def paths(self) -> dict[str, Path]:
        """Return where its files are, by name: the one that was put by hand, or those that are downloaded."""
        if path := self.put_by_hand():
            return {path.name: path}
        return {one.name: self.folder / one.name for one in self.files}

    def is_sound(self) -> bool:
        """Return whether it is here and its downloaded files, if it has any, are what they should be."""
        kept = self.is_here() and not self.put_by_hand()
        return all(one.is_in(self.folder) for one in self.files) if kept else self.is_here()


def in_words(size: int) -> str:
    """Return so many bytes in three digits and the unit that fits, as pages write them."""
    value, units = float(size), ["B", "kB", "MB", "GB"]
    while value >= 1000 and len(units) > 1:
        value, _ = value / 1000, units.pop(0)
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f} {units[0]}"


@cache
def registry() -> dict[str, Source]:
    """Return every data set that is downloaded, by name."""
    with REGISTRY.open("rb") as file:
        found = tomllib.load(file)
    return {name: _source(name, facts) for name, facts in found.items()}


def source(name: str) -> Source:
    """Return one data set.

    Raises:
        LookupError: there is none of that name.
    """
    if name not in registry():
        raise LookupError(no_such(name, registry(), "data set that is downloaded"))
    return registry()[name]


def cache_folder() -> Path:
    """Return the folder of downloads: LIVEFIT_CACHE, or the machine's own place for such things."""
    if named := os.environ.get("LIVEFIT_CACHE"):
        return Path(named).expanduser()
    from pooch import os_cache  # takes a quarter of a second to import

    return os_cache("livefit")


def fetch(name: str, tell: Tell = lambda what, done, total: None) -> dict[str, Path]:
    """Return the files of a data set by name, downloading those that are not here. One that was put by hand is all.

    A download that broke off goes on where it did. Two that want the same files do not download them twice.

    Raises:
        Unavailable: they are not here, and could not be brought.
    """
    wanted = source(name)
    if not wanted.is_sound():
        _check_allowed(wanted)
        _download(wanted, tell)
    return wanted.paths()


def check_download(name: str) -> None:
    """See that a data set, "" for none, is here or may be downloaded.

    Raises:
        Unavailable: it is not, and may not.
    """
    if name and not source(name).is_here():
        _check_allowed(source(name))


def _check_allowed(wanted: Source) -> None:
    if not wanted.files:
        raise _unavailable(wanted, "there is no address to download it from")
    if os.environ.get("LIVEFIT_OFFLINE", "") not in ("", "0"):
        raise _unavailable(wanted, "LIVEFIT_OFFLINE forbids downloads")


def _download(wanted: Source, tell: Tell) -> None:
    try:
        wanted.folder.mkdir(parents=True, exist_ok=True)
        with _alone(wanted, tell):
            for file in wanted.files:
                _bring(wanted, file, lambda: tell(wanted.title, wanted.come, wanted.bytes))
    except Refused as error:
        raise _unavailable(wanted, str(error)) from None
    except OSError as error:
        raise _unavailable(wanted, f"{wanted.folder} cannot be written: {error.strerror}") from None


def _bring(wanted: Source, file: File, tell: Callable[[], None]) -> None:
    told = []
    for url in _addresses(wanted, file):
        hold = Hold(url, wanted.folder / file.name, file.bytes, file.known_as)
        while True:
            there = hold.come
            try:
                bring(hold, tell)
                return
            except Refused as error:
                if hold.come > there:
                    continue  # it broke off further on: as long as something comes, it comes to an end
                told.append(str(error))
                break
    raise Refused("; ".join(told))


@contextmanager
def _alone(wanted: Source, tell: Tell) -> Iterator[None]:
    with (wanted.folder / ".lock").open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                tell(wanted.title, wanted.come, wanted.bytes)  # somebody else downloads it
                time.sleep(LOOK_EVERY_S)
        yield


def _addresses(wanted: Source, file: File) -> tuple[str, ...]:
    mirror = os.environ.get("LIVEFIT_MIRROR", "").rstrip("/")
    return (f"{mirror}/{wanted.name}/{file.name}",) if mirror else file.urls


def _come(path: Path) -> int:
    return next((one.stat().st_size for one in (path, part_of(path)) if one.exists()), 0)


def _unavailable(wanted: Source, why: str) -> Unavailable:
    hints = [f"Take {wanted.instead}, which needs no download"] if wanted.instead else []
    if wanted.by_hand:
        hints.append(f"put {' or '.join(wanted.by_hand)} into {cache_folder()} by hand")
    if wanted.files:
        named = ", ".join(one.name for one in wanted.files)
        hints.append(f"put {named}, as they are at {wanted.files[0].urls[0]}, into {wanted.folder}")
    reason = f"{wanted.title} is not on this machine and could not be downloaded: {why}."
    return Unavailable(reason, f"{'; or '.join(hints)}.")


def _source(name: str, facts: dict) -> Source:
    files = tuple(File(**{**one, "urls": tuple(one["urls"])}) for one in facts.pop("files", []))
    return Source(
        name, **{**facts, "by_hand": tuple(facts["by_hand"]), "also": tuple(facts.get("also", []))}, files=files
    )


def main(names: list[str]) -> int:
    """Bring the data sets that are named here, and say where they are; without names say which there are."""
    for name in names or registry():
        try:
            wanted = source(name)
            if names:
                fetch(name, _tell_terminal)
            where = "here" if wanted.is_here() else f"{wanted.size} to download"
            place = wanted.put_by_hand() or wanted.folder
            print(f"{name}: {where} ({place}). Licence: {wanted.licence}. {wanted.citation}")
        except (LookupError, Unavailable) as error:
            print(error, getattr(error, "hint", ""), file=sys.stderr)
            return 1
    return 0


def _tell_terminal(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{what}: {done / 1e6:.1f} of {total / 1e6:.1f} MB", end="\n" if done >= total else "", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
