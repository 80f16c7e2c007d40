"""The catalogue: what is known of each run besides its folder. One table, written by the server alone.

It never holds telemetry, and the server answers from memory: this is read once, at the start. Writing
happens on one thread of its own, in order, so a catalogue that another program holds never stops a page.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Engine, Float, String, Text, create_engine, event, inspect, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.errors import CannotStart, CatalogueBusy

LOG = logging.getLogger("livefit.catalogue")
HEAD = "0001"
BUSY_WAIT_S = 5.0


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


class Catalogue:
    """The table of runs, read at the start and written behind."""

    def __init__(self, url: str):
        self._engine = _engine(url)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="catalogue")
        migrate(self._engine)

    def rows(self) -> list[dict[str, Any]]:
        """Return every run as a mapping of its columns, oldest first."""
        with Session(self._engine) as session:
            return [_columns(row) for row in session.scalars(select(RunRow).order_by(RunRow.created, RunRow.id))]

    def save(self, row: dict[str, Any]) -> "asyncio.Future[None]":
        """Write one run's columns, new or changed; who must know that it is on the disk awaits the answer.

        Raises (in the answer):
            CatalogueBusy: another program held the catalogue for longer than 5 seconds.
        """
        return self._behind(self._save, row)

    def forget(self, run_id: str) -> "asyncio.Future[None]":
        """Take one run out of the catalogue."""
        return self._behind(self._forget, run_id)

    def close(self) -> None:
        """Write what waits, then close."""
        self._writer.shutdown(wait=True)
        self._engine.dispose()

    def _behind(self, work: Any, *args: Any) -> "asyncio.Future[None]":
        done = asyncio.get_running_loop().run_in_executor(self._writer, work, *args)
        done.add_done_callback(_tell)
        return done

    def _save(self, row: dict[str, Any]) -> None:
        self._write(lambda session: session.merge(RunRow(**row)))

    def _forget(self, run_id: str) -> None:
        self._write(lambda session: session.delete(row) if (row := session.get(RunRow, run_id)) else None)

    def _write(self, change: Any) -> None:
        try:
            with Session(self._engine) as session, session.begin():
                change(session)
        except OperationalError as error:
            raise CatalogueBusy(f"The catalogue cannot be written: {error.orig}.") from None


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
            connection.execute(f"PRAGMA busy_timeout = {int(BUSY_WAIT_S * 1000)}")

    return engine


def _columns(row: RunRow) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(RunRow).column_attrs}


def _tell(done: "asyncio.Future[None]") -> None:
    if not done.cancelled() and (error := done.exception()):
        LOG.error("%s Livefit goes on and writes it with the next change.", error)
