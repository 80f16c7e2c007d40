"""The catalogue: what is known of each run besides its folder, and of groups of runs. Written by the server alone.

It never holds telemetry, and the server answers from memory: this is read once, at the start. Writing
happens on one thread of its own, in order, so a catalogue that another program holds never stops a page:
what must be on the disk before it is answered (`save`) fails with words, all else (`keep`) waits until it is free.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import JSON, Engine, Float, String, Text, create_engine, event, inspect, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.errors import CannotStart, CatalogueBusy, DiskFull, Unavailable, Unwritable
from trainer import faults

LOG = logging.getLogger("livefit.catalogue")
HEAD = "0002"
T = TypeVar("T")
BUSY_WAIT_S = 5.0
TRY_EVERY_S = 0.25
MEND = "Its file may be damaged. Stop Livefit, put catalogue.db away and start again: runs are found by their folders."


class Table(DeclarativeBase):
    """What every table is made from."""


class RunRow(Table):
    """One run. `status` is what was last known; `wanted` says that it shall train as soon as it can."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    by: Mapped[str] = mapped_column(String(40), default="")
    created: Mapped[float] = mapped_column(Float, index=True)
    updated: Mapped[float] = mapped_column(Float)
    status: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    wanted: Mapped[bool] = mapped_column(default=False)
    queue_position: Mapped[int | None] = mapped_column(default=None)
    deleted_at: Mapped[float | None] = mapped_column(Float, default=None)
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    notes: Mapped[str] = mapped_column(Text, default="")
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    group_id: Mapped[str | None] = mapped_column(String(26), default=None, index=True)
    label: Mapped[str] = mapped_column(String(200), default="")
    place: Mapped[int] = mapped_column(default=0)


class GroupRow(Table):
    """Several runs that were launched as one. Which they are, the runs say; all of it stands in their folders too."""

    __tablename__ = "groups"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    by: Mapped[str] = mapped_column(String(40), default="")
    created: Mapped[float] = mapped_column(Float)
    kind: Mapped[str] = mapped_column(String(40), default="")
    lesson: Mapped[str] = mapped_column(String(100), default="")
    asked: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


Key = tuple[type[Table], str]  # a table and an id in it


class Catalogue:
    """The tables of runs and groups, read at the start and written behind."""

    def __init__(self, url: str):
        self._engine = _engine(url)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="catalogue")
        self._waiting: dict[Key, dict[str, Any] | None] = {}  # rows to be written behind; None: to be forgotten
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._told = False
        self._patiently(lambda: migrate(self._engine))

    def rows(self) -> list[dict[str, Any]]:
        """Return every run as a mapping of its columns, oldest first."""
        return self._patiently(lambda: self._read(RunRow))

    def groups(self) -> list[dict[str, Any]]:
        """Return every group as a mapping of its columns, oldest first."""
        return self._patiently(lambda: self._read(GroupRow))

    def save(self, *runs: dict[str, Any], group: dict[str, Any] | None = None) -> "asyncio.Future[None]":
        """Write the columns of runs, and of a group, now and as one, for somebody who awaits that they are on the disk.

        Raises (in the answer):
            CatalogueBusy: another program held the catalogue for longer than 5 seconds; nothing was written.
            DiskFull, Unwritable: nor was it for want of space, or of the right to write.
            Unavailable: nor was it for another reason, as when the file is damaged.
        """
        rows: dict[Key, dict[str, Any]] = {(RunRow, one["id"]): one for one in runs}
        if group:
            rows[GroupRow, group["id"]] = group
        with self._lock:
            older = {key: waits for key in rows if (waits := self._waiting.get(key))}
        return asyncio.get_running_loop().run_in_executor(self._writer, self._save, rows, older)

    def keep(self, row: dict[str, Any]) -> None:
        """Write one run's columns soon; while the catalogue cannot be written, again and again, the newest only."""
        self._behind((RunRow, row["id"]), row)

    def keep_group(self, row: dict[str, Any]) -> None:
        """Write one group's columns soon, as those of a run."""
        self._behind((GroupRow, row["id"]), row)

    def forget(self, run_id: str) -> None:
        """Take one run out of the catalogue, soon."""
        self._behind((RunRow, run_id), None)

    def forget_group(self, group_id: str) -> None:
        """Take one group out of the catalogue, soon."""
        self._behind((GroupRow, group_id), None)

    def close(self) -> None:
        """Write what waits, then close; tries once when another program holds the catalogue."""
        self._closing.set()
        self._writer.shutdown(wait=True)
        with self._lock:
            left = len(self._waiting)
        if left:
            LOG.error("the catalogue is held by another program: the last change of %d runs is not in it. "
                      "The next start finds out from their folders where they stand", left)  # fmt: skip
        self._engine.dispose()

    def _behind(self, key: Key, row: dict[str, Any] | None) -> None:
        with self._lock:
            scheduled = bool(self._waiting)
            self._waiting[key] = row
        if not scheduled:
            self._writer.submit(self._flush)

    def _flush(self) -> None:
        with self._lock:
            rows = dict(self._waiting)
        try:
            self._write(rows)
        except SQLAlchemyError as error:
            if not self._told:
                LOG.error("The catalogue cannot be written (%s). Livefit goes on, and writes it when it can.", error)
                self._told = True
            again = not self._closing.wait(TRY_EVERY_S)
        else:
            if self._told:
                LOG.info("the catalogue can be written again, and has all that waited")
            self._told = False
            with self._lock:
                for key, row in rows.items():
                    if self._waiting.get(key, ...) is row:
                        del self._waiting[key]
                again = bool(self._waiting)
        if again:
            with suppress(RuntimeError):  # the server ends, and has said what is not written
                self._writer.submit(self._flush)

    def _save(self, rows: dict[Key, dict[str, Any]], older: dict[Key, dict[str, Any]]) -> None:
        try:
            self._patiently(lambda: self._write(rows))
        except OperationalError as error:
            raise _refusal(f"The catalogue cannot be written: {error.orig}.") from None
        except SQLAlchemyError as error:
            raise Unavailable(f"The catalogue cannot be written: {getattr(error, 'orig', error)}.", MEND) from None
        with self._lock:
            # what has come to wait meanwhile is newer than what was saved
            for key, row in older.items():
                if self._waiting.get(key) is row:
                    self._waiting[key] = rows[key]

    def _read(self, table: type[RunRow] | type[GroupRow]) -> list[dict[str, Any]]:
        with Session(self._engine) as session:
            return [_columns(row) for row in session.scalars(select(table).order_by(table.created, table.id))]

    def _write(self, rows: Mapping[Key, dict[str, Any] | None]) -> None:
        faults.reach("catalogue.save")
        with Session(self._engine) as session, session.begin():
            for (table, one), row in rows.items():
                if row is not None:
                    session.merge(table(**row))
                elif known := session.get(table, one):
                    session.delete(known)

    def _patiently(self, work: Callable[[], T]) -> T:
        # SQLite's own waiting cannot be cut short when the server ends, so it is short and repeated
        until = time.monotonic() + BUSY_WAIT_S
        while True:
            try:
                return work()
            except (OperationalError, CannotStart) as error:
                if time.monotonic() > until or "locked" not in str(error) or self._closing.wait(TRY_EVERY_S / 5):
                    raise


def _refusal(told: str) -> Unavailable:
    if "is full" in told:
        return DiskFull(told)
    # what SQLite says of a disk that takes nothing
    if any(words in told for words in ("readonly", "unable to open", "disk I/O error")):
        return Unwritable(told)
    return CatalogueBusy(told)


def migrate(engine: Engine) -> None:
    """Bring the catalogue to the newest shape; costs nothing when it has it.

    Raises:
        CannotStart: it cannot be opened, or was written by a newer Livefit.
    """
    try:
        with engine.begin() as connection:
            found = None
            if inspect(connection).has_table("alembic_version"):
                found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            if found == HEAD:
                return
            # imported here: it costs 0.2 s of a start that mostly has nothing to migrate
            from alembic import command
            from alembic.config import Config
            from alembic.util import CommandError

            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.set_main_option("path_separator", "os")
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError:
                raise CannotStart(
                    f"The catalogue has the shape {found!r}, which this version does not know.",
                    "It was written by a newer Livefit: start that one, or take another data folder.",
                ) from None
    except SQLAlchemyError as error:
        raise CannotStart(f"The catalogue cannot be opened: {getattr(error, 'orig', error)}.") from None


def _engine(url: str) -> Engine:
    try:
        engine = create_engine(url)
    except (SQLAlchemyError, ImportError) as error:
        raise CannotStart(f"LIVEFIT_DATABASE_URL cannot be used: {error}.") from None
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _on_connect(connection: Any, _: Any) -> None:
            # rollback journal: WAL does not work on network drives, and SQLite before 3.51.3 can corrupt one
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute(f"PRAGMA busy_timeout = {int(TRY_EVERY_S * 1000)}")

    return engine


def _columns(row: Table) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}
