"""Runs whose folders are written by hand before a server starts: what a trainer would have to be broken for."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ulid import ULID

from tests.server import Server
from tests.telling import SPEC, write
from trainer.protocol import AnyEvent


def run_by_hand(data: Path, *attempts: list[AnyEvent], **spec: object) -> Path:
    """Write the folder of a run that said this, attempt by attempt; keywords replace fields of its spec."""
    folder = data / "runs" / str(ULID())
    folder.mkdir(parents=True)
    (folder / "spec.json").write_text(json.dumps(SPEC | spec))
    for number, said in enumerate(attempts, 1):
        write(folder, *said, attempt=number)
    return folder


@contextmanager
def serve(data: Path, *options: str, **env: str) -> Iterator[Server]:
    """A server over a data folder that can answer with any page at once: the first one waits for the catalogue."""
    with Server(data, *options, **env) as server:
        server.ask("GET", "/api/catalog")
        yield server
