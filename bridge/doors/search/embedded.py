"""The embedded index: tantivy for words and trigrams, SQLite for everything that must not be lost."""

import asyncio
import fcntl
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TypeVar

from bridge.doors.search import Batch, Capabilities, FileFacts, Filter, Found, Hit, Stats
from bridge.doors.search.catalogue import Catalogue
from bridge.doors.search.engine import Engine, Matches, Tokenize
from bridge.problems import Unavailable, Unusable

T = TypeVar("T")
ENGINE_VERSION = "1"


class EmbeddedSearch:
    """An index in one folder. Many processes may read it; writers take turns by a lock file.

    ``tokenize`` and ``version`` come from the ranking above: an index made by another version, or a
    broken one, is made anew from the catalogue.
    """

    def __init__(self, folder: Path, tokenize: Tokenize, version: str) -> None:
        self._folder = folder
        self._tokenize = tokenize
        self._version = f"{ENGINE_VERSION}.{version}"
        self._readers = ThreadPoolExecutor(1, "search-read")
        self._writers = ThreadPoolExecutor(1, "search-write")
        self._starting = Lock()
        self._reading: tuple[Catalogue, Engine] | None = None
        self._generation = 0

    @property
    def capabilities(self) -> Capabilities:
        """What this adapter can do."""
        return Capabilities(substring=True, dense=False, shared=False)

    async def close(self) -> None:
        """Give up threads and files."""
        await asyncio.to_thread(self._shut)

    def _shut(self) -> None:
        self._writers.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        if self._reading is not None:
            self._reading[0].close()
            self._reading = None

    async def apply(self, batch: Batch) -> int:
        """See `Search.apply`."""
        return await self._run(self._writers, lambda: self._apply(batch))

    async def lexical(self, terms: Sequence[str], where: Filter, limit: int) -> list[Hit]:
        """See `Search.lexical`."""

        def work() -> list[Hit]:
            catalogue, engine = self._current()
            allowed = list(engine.restrictions(where, _file_ids(catalogue, where)))
            return _hits(catalogue, engine.words(terms, allowed, limit))

        return await self._run(self._readers, work) if terms else []

    async def substring(self, literals: Sequence[str], where: Filter, limit: int) -> list[Hit]:
        """See `Search.substring`."""

        def work() -> list[Hit]:
            catalogue, engine = self._current()
            allowed = list(engine.restrictions(where, _file_ids(catalogue, where)))
            return _hits(catalogue, engine.containing(literals, allowed, limit))

        return await self._run(self._readers, work)

    async def dense(self, vector: Sequence[float], where: Filter, limit: int) -> list[Hit]:  # noqa: ARG002 - the door's signature
        """Refuse: there are no vectors."""
        raise Unusable("The embedded index holds no vectors; its answers are ranked by words.")

    async def fetch(self, chunks: Sequence[int]) -> list[Found]:
        """See `Search.fetch`."""
        return await self._run(self._readers, lambda: self._current()[0].found(chunks)) if chunks else []

    async def files(self, where: Filter) -> list[tuple[FileFacts, str]]:
        """See `Search.files`."""
        return await self._run(self._readers, lambda: self._current()[0].select(where))

    async def stats(self) -> Stats:
        """See `Search.stats`."""
        return await self._run(self._readers, self._stats)

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        def guarded() -> T:
            try:
                return work()
            except (OSError, ValueError, sqlite3.Error) as error:
                self._reading = None
                raise Unavailable(
                    f"The search index cannot be used ({type(error).__name__}: {error}). It is made anew from its "
                    "catalogue at the next call; if that fails too, remove its folder and index again."
                ) from error

        return await asyncio.get_running_loop().run_in_executor(pool, guarded)

    def _current(self) -> tuple[Catalogue, Engine]:
        """The reader's catalogue and engine, as of the last commit of any process."""
        with self._starting:
            if self._reading is None:
                catalogue, engine = self._opened()
                self._reading = catalogue, engine
        catalogue, engine = self._reading
        if catalogue.changed_elsewhere():
            engine.reload()
        return catalogue, engine

    def _opened(self) -> tuple[Catalogue, Engine]:
        """Open catalogue and engine; index what a crash left waiting, or everything when it has to be rebuilt."""
        self._folder.mkdir(parents=True, exist_ok=True)
        catalogue = Catalogue(self._folder / "catalogue.db")
        folder = self._folder / "engine"
        engine = self._sound(catalogue, folder)
        if engine is None:
            with self._writing():
                shutil.rmtree(folder, ignore_errors=True)
                engine = Engine(folder, fresh=True)
                engine.write(catalogue, [], list(catalogue.all_files()), {}, self._tokenize)
                catalogue.done([file for files in catalogue.waiting() for file in files])
                catalogue.remember("version", self._version)
        gone, new = catalogue.waiting()
        if gone or new:
            with self._writing():
                engine.write(catalogue, [*gone, *new], new, {}, self._tokenize)
                catalogue.done([*gone, *new])
        return catalogue, engine

    def _sound(self, catalogue: Catalogue, folder: Path) -> Engine | None:
        if catalogue.meta("version") != self._version or not folder.exists():
            return None
        try:
            return Engine(folder)
        except (ValueError, OSError):
            return None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with (self._folder / "writer.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _apply(self, batch: Batch) -> int:
        with self._starting:
            catalogue, engine = self._opened()
        try:
            with self._writing():
                gone, new = catalogue.store(batch.deletes, batch.adds)
                if gone or new:
                    given = {(each.repo, each.path): each for each in batch.adds}
                    engine.write(catalogue, gone, new, given, self._tokenize)
                    catalogue.done([*gone, *new])
                    self._generation += 1
        finally:
            catalogue.close()
        return self._generation

    def _stats(self) -> Stats:
        files, chunks, size, waiting, repos = self._current()[0].totals()
        on_disk = sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file())
        return Stats(files, chunks, size, on_disk, self._generation, waiting, repos)


def _hits(catalogue: Catalogue, matches: Matches) -> list[Hit]:
    found = ((score, chunk, catalogue.facts(file)) for score, chunk, file in matches)
    return [Hit(score, chunk, facts) for score, chunk, facts in found if facts is not None]


def _file_ids(catalogue: Catalogue, where: Filter) -> list[int] | None:
    """Files allowed by the parts of a filter that the engine does not index."""
    if not where.paths and not where.media_types and where.since is None and where.until is None:
        return None
    files_only = Filter(
        repos=where.repos, paths=where.paths, languages=where.languages, media_types=where.media_types,
        since=where.since, until=where.until,
    )  # fmt: skip
    return [facts.id for facts, _ in catalogue.select(files_only)]
