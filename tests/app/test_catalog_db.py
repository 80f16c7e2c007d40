"""The catalogue: its migrations, and what happens while another program holds it."""

import asyncio
import sqlite3
import threading
import time

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from app import catalog_db
from app.catalog_db import HEAD, Catalogue, Table
from app.errors import CannotStart, CatalogueBusy, Unavailable
from app.settings import _HERE

ROW = {"id": "A" * 26, "name": "one", "by": "Ada", "created": 1.0, "updated": 2.0, "status": {"name": "queued"}}


@pytest.fixture
def url(tmp_path) -> str:
    return f"sqlite:///{tmp_path / 'catalogue.db'}"


def with_catalogue(url, work):
    async def inside():
        catalogue = Catalogue(url)
        try:
            return await work(catalogue)
        finally:
            catalogue.close()

    return asyncio.run(inside())


def test_migrations_lead_to_the_very_tables_that_the_models_describe(url):
    Catalogue(url).close()
    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []
    engine.dispose()


def test_a_catalogue_from_before_there_were_groups_keeps_its_runs(url, tmp_path):
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(_HERE / "migrations"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO runs VALUES ('A', 'one', 'Ada', 1, 2, '{}', 0, NULL, NULL, '[]', '', '{\"step\": 3}')"
        )
    engine.dispose()

    async def read(catalogue):
        return catalogue.rows()

    (row,) = with_catalogue(url, read)
    assert (row["name"], row["summary"], row["group_id"], row["label"], row["place"]) == (
        "one",
        {"step": 3},
        None,
        "",
        0,
    )


def test_groups_are_kept_beside_runs_and_written_with_them_as_one(url):
    row = {
        "id": "G" * 26,
        "name": "three",
        "by": "",
        "created": 1.0,
        "kind": "several",
        "lesson": "",
        "asked": {"a": 1},
    }

    async def save(catalogue):
        await catalogue.save(ROW | {"group_id": row["id"]}, group=row)
        catalogue.keep_group(row | {"name": "two"})

    async def read(catalogue):
        found = catalogue.groups(), [one["group_id"] for one in catalogue.rows()]
        catalogue.forget_group(row["id"])
        return found

    async def read_again(catalogue):
        return catalogue.groups(), len(catalogue.rows())

    with_catalogue(url, save)
    assert with_catalogue(url, read) == ([row | {"name": "two"}], [row["id"]])
    assert with_catalogue(url, read_again) == ([], 1)


def test_the_newest_migration_is_the_one_that_the_code_names():
    names = sorted(one.name.partition("_")[0] for one in (_HERE / "migrations" / "versions").glob("0*.py"))
    assert names[-1] == HEAD


def test_what_is_saved_is_there_after_a_restart(url):
    async def save(catalogue):
        await catalogue.save(ROW)
        await catalogue.save(ROW | {"name": "two", "summary": {"step": 3}})

    async def read(catalogue):
        rows = catalogue.rows()
        catalogue.forget(ROW["id"])
        return rows

    async def read_again(catalogue):
        return catalogue.rows()

    with_catalogue(url, save)
    rows, after = with_catalogue(url, read), with_catalogue(url, read_again)
    assert [(one["name"], one["summary"], one["wanted"]) for one in rows] == [("two", {"step": 3}, False)]
    assert after == []


def test_a_catalogue_that_another_program_holds_is_said_in_words_and_works_again(url, tmp_path, monkeypatch):
    monkeypatch.setattr(catalog_db, "BUSY_WAIT_S", 0.1)

    async def save_while_held(catalogue):
        other = sqlite3.connect(tmp_path / "catalogue.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CatalogueBusy, match="locked"):
            await catalogue.save(ROW)
        other.execute("ROLLBACK")
        other.close()
        await catalogue.save(ROW)
        return len(catalogue.rows())

    assert with_catalogue(url, save_while_held) == 1


def test_what_is_kept_behind_waits_for_a_catalogue_that_is_held_and_only_the_newest_is_written(url, tmp_path):
    async def keep_while_held(catalogue):
        other = sqlite3.connect(tmp_path / "catalogue.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        for step in range(20):
            catalogue.keep(ROW | {"summary": {"step": step}})
        catalogue.keep(ROW | {"id": "B" * 26})
        catalogue.forget("B" * 26)
        await asyncio.sleep(0.6)
        other.execute("ROLLBACK")
        await asyncio.sleep(2)
        return other.execute("SELECT id, summary FROM runs").fetchall()

    assert with_catalogue(url, keep_while_held) == [("A" * 26, '{"step": 19}')]


def test_what_is_kept_while_a_save_waits_is_newer_than_what_is_saved(url, tmp_path):
    async def keep_while_saving(catalogue):
        other = sqlite3.connect(tmp_path / "catalogue.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        catalogue.keep(ROW | {"name": "before"})
        saved = catalogue.save(ROW | {"name": "saved"})
        catalogue.keep(ROW | {"name": "after"})
        other.execute("ROLLBACK")
        other.close()
        await saved

    async def read(catalogue):
        return [one["name"] for one in catalogue.rows()]

    with_catalogue(url, keep_while_saving)
    assert with_catalogue(url, read) == ["after"]


def test_what_was_kept_before_a_save_is_not_written_over_it(url, tmp_path):
    async def keep_and_save(catalogue):
        other = sqlite3.connect(tmp_path / "catalogue.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        catalogue.keep(ROW | {"name": "before"})
        saved = catalogue.save(ROW | {"name": "saved"})
        other.execute("ROLLBACK")
        other.close()
        await saved

    async def read(catalogue):
        return [one["name"] for one in catalogue.rows()]

    with_catalogue(url, keep_and_save)
    assert with_catalogue(url, read) == ["saved"]


def test_a_catalogue_that_is_damaged_meanwhile_is_said_in_words_with_what_to_do(url, tmp_path):
    async def save_after_damage(catalogue):
        await catalogue.save(ROW)
        path = tmp_path / "catalogue.db"
        path.write_bytes(b"?" * path.stat().st_size)
        with pytest.raises(Unavailable, match="The catalogue cannot be written: ") as error:
            await catalogue.save(ROW | {"name": "two"})
        return error.value

    error = with_catalogue(url, save_after_damage)
    assert "catalogue.db" in error.hint
    assert not isinstance(error, CatalogueBusy)


def test_a_server_that_ends_does_not_wait_long_for_a_catalogue_that_is_held(url, tmp_path, caplog):
    other = sqlite3.connect(tmp_path / "catalogue.db", isolation_level=None)
    began = []

    async def keep(catalogue):
        other.execute("BEGIN EXCLUSIVE")
        catalogue.keep(ROW)
        began.append(time.monotonic())

    with_catalogue(url, keep)
    assert time.monotonic() - began[0] < 2
    assert "the last change of 1 runs is not in it" in caplog.text
    other.close()


def test_a_catalogue_of_a_newer_version_is_left_alone(url, tmp_path):
    Catalogue(url).close()
    with sqlite3.connect(tmp_path / "catalogue.db") as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    other.close()
    with pytest.raises(CannotStart, match="9999"):
        Catalogue(url)


@pytest.mark.parametrize("wrong", ["nonsense", "sqlite:////no/such/folder/catalogue.db", "mars://x"])
def test_a_wrong_database_is_said_in_a_sentence(wrong):
    with pytest.raises(CannotStart):
        Catalogue(wrong)


def test_a_start_waits_for_who_holds_the_catalogue_just_now(url, tmp_path):
    async def read_while_held(catalogue):
        await catalogue.save(ROW)
        other = sqlite3.connect(tmp_path / "catalogue.db", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN EXCLUSIVE")
        lets_go = threading.Timer(2 * catalog_db.TRY_EVERY_S, other.close)
        lets_go.start()
        found = [row["id"] for row in catalogue.rows()]
        lets_go.join()
        return found, catalogue.groups()

    assert with_catalogue(url, read_while_held) == ([ROW["id"]], [])
