"""What holds on both databases beside the nouns: migrations, and errors in our words."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from bridge.doors.store import sql
from bridge.doors.store.sql.database import METADATA, Database
from bridge.problems import StorageFull, Unavailable

BOTH = pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])


def url_of(kind, request, tmp_path):
    return f"sqlite:///{tmp_path}/bridge.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")


@BOTH
async def test_migrations_make_the_tables_the_code_expects(kind, request, tmp_path):
    async with sql.opened(url_of(kind, request, tmp_path)) as database, database.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda each: compare_metadata(MigrationContext.configure(each), METADATA)
        )
    assert differences == []


@BOTH
async def test_migrating_twice_at_once_and_again_changes_nothing(kind, request, tmp_path):
    url = url_of(kind, request, tmp_path)

    async def open_and_close():
        async with sql.open_store(url, tmp_path) as store:
            return await store.attempts.unfinished()

    assert await asyncio.gather(open_and_close(), open_and_close()) == [[], []]
    assert await open_and_close() == []


async def test_a_server_that_is_not_there_is_unavailable(tmp_path):
    database = Database("postgresql://bridge@127.0.0.1:1/none")
    with pytest.raises(Unavailable):
        async with database.read():
            pass
    await database.close()


async def test_a_full_disk_is_told_as_such_and_reading_goes_on(tmp_path):
    async with sql.opened(f"sqlite:///{tmp_path}/bridge.db") as database:
        async with database.write() as connection:
            await connection.execute(text("PRAGMA max_page_count=60"))
        with pytest.raises(StorageFull):
            async with database.write() as connection:
                await connection.execute(text("CREATE TABLE filler AS SELECT randomblob(2000000) AS x"))
        async with database.read() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM runs"))).scalar_one() == 0
