"""The source of truth of the embedded index: files, texts and chunks in SQLite; the engine's index can be rebuilt.

A file is marked waiting in the transaction that stores it and unmarked after the engine has it, so that a
crash between the two loses nothing: what waits is indexed again at the next start.
"""

import json
import sqlite3
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

from bridge.doors.search import Chunk, FileFacts, Filter, Found, IndexedFile

SCHEMA = """
create table if not exists meta (key text primary key, value text not null);
create table if not exists files (
    id integer primary key, repo text not null, path text not null, language text not null, media_type text not null,
    modified real not null, digest text not null, touches text not null, text blob not null, size integer not null,
    modality text not null, unique (repo, path)
);
create table if not exists chunks (
    id integer primary key, file integer not null, start integer not null, end integer not null,
    symbol text not null, kind text not null, modality text not null, place text not null
);
create index if not exists chunks_of_file on chunks (file);
create table if not exists waiting (file integer primary key, gone integer not null);
"""
TEXTS_KEPT = 32_000_000
FILE_COLUMNS = "id, repo, path, language, media_type, modified, touches"


class Catalogue:
    """One SQLite database; used from one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        self._db.executescript("pragma journal_mode=wal; pragma synchronous=full; pragma cache_size=-16000;" + SCHEMA)
        self._texts: OrderedDict[int, str] = OrderedDict()
        self._texts_size = 0
        self._facts: dict[int, FileFacts] = {}
        self._seen = -1

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def meta(self, key: str) -> str:
        """A remembered value, or an empty string."""
        row = self._db.execute("select value from meta where key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def remember(self, key: str, value: str) -> None:
        """Keep a value under *key*."""
        self._db.execute("insert or replace into meta values (?, ?)", (key, value))

    def store(self, deletes: Iterable[tuple[str, str]], adds: Iterable[IndexedFile]) -> tuple[list[int], list[int]]:
        """Store changes in one durable transaction; return ids of files gone and of files to index."""
        gone: list[int] = []
        new: list[int] = []
        self._db.execute("begin immediate")
        try:
            for repo, path in deletes:
                gone += self._remove(repo, path)
            for each in adds:
                row = self._db.execute(
                    "select digest from files where repo = ? and path = ?", (each.repo, each.path)
                ).fetchone()
                if row and row[0] == each.digest:
                    continue
                gone += self._remove(each.repo, each.path)
                new.append(self._insert(each))
            self._db.execute("commit")
        except BaseException:
            self._db.execute("rollback")
            raise
        return gone, new

    def _remove(self, repo: str, path: str) -> list[int]:
        rows = self._db.execute("select id from files where repo = ? and path = ?", (repo, path)).fetchall()
        for (file,) in rows:
            self._db.execute("delete from chunks where file = ?", (file,))
            self._db.execute("delete from files where id = ?", (file,))
            self._db.execute("insert or replace into waiting values (?, 1)", (file,))
            self._facts.pop(file, None)
        return [file for (file,) in rows]

    def _insert(self, each: IndexedFile) -> int:
        packed = zlib.compress(each.text.encode("utf-8", "surrogatepass"), 1)
        modality = each.chunks[0].modality if each.chunks else "text"
        top = self._db.execute(
            "select max(m) from (select max(id) m from files union all select max(file) from waiting)"
        ).fetchone()
        file = (top[0] or 0) + 1
        self._db.execute(
            "insert into files values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (file, each.repo, each.path, each.language, each.media_type, each.modified, each.digest,
             "\n".join(each.touches), packed, len(each.text), modality),
        )  # fmt: skip
        self._db.executemany(
            "insert into chunks (file, start, end, symbol, kind, modality, place) values (?, ?, ?, ?, ?, ?, ?)",
            [
                (file, c.start, c.end, c.symbol, c.kind, c.modality, json.dumps(c.place, separators=(",", ":")))
                for c in each.chunks
            ],
        )
        self._db.execute("insert or replace into waiting values (?, 0)", (file,))
        return file

    def waiting(self) -> tuple[list[int], list[int]]:
        """Files the engine may still hold although gone, and files it may not hold yet."""
        rows = self._db.execute("select file, gone from waiting").fetchall()
        return [file for file, gone in rows if gone], [file for file, gone in rows if not gone]

    def done(self, files: Sequence[int]) -> None:
        """The engine holds these files now, or has forgotten them."""
        self._db.executemany("delete from waiting where file = ?", [(file,) for file in files])

    def chunks_of(self, file: int) -> list[tuple[int, Chunk]]:
        """A file's chunks with their ids, without token streams."""
        rows = self._db.execute(
            "select id, start, end, symbol, kind, modality, place from chunks where file = ? order by id", (file,)
        )
        return [(row[0], Chunk(row[1], row[2], "", row[3], row[4], row[5], json.loads(row[6]))) for row in rows]

    def all_files(self) -> Iterator[int]:
        """Ids of all files."""
        return (row[0] for row in self._db.execute("select id from files order by id").fetchall())

    def changed_elsewhere(self) -> bool:
        """Whether another connection committed since the last call; if so, forget what was kept in memory."""
        version = self._db.execute("pragma data_version").fetchone()[0]
        if version == self._seen:
            return False
        self._facts.clear()
        self._texts.clear()
        self._texts_size = 0
        self._seen = version
        return True

    def facts(self, file: int) -> FileFacts | None:
        """What is known of a file, from memory after the first time."""
        if file not in self._facts:
            row = self._db.execute(f"select {FILE_COLUMNS} from files where id = ?", (file,)).fetchone()  # noqa: S608 - constant columns
            if row is None:
                return None
            self._facts[file] = _facts(row)
        return self._facts[file]

    def text(self, file: int) -> str:
        """A file's whole text; recently used ones come from memory."""
        if file in self._texts:
            self._texts.move_to_end(file)
            return self._texts[file]
        row = self._db.execute("select text from files where id = ?", (file,)).fetchone()
        text = zlib.decompress(row[0]).decode("utf-8", "surrogatepass") if row else ""
        self._texts[file] = text
        self._texts_size += len(text)
        while self._texts_size > TEXTS_KEPT and len(self._texts) > 1:
            _, dropped = self._texts.popitem(last=False)
            self._texts_size -= len(dropped)
        return text

    def found(self, chunks: Sequence[int]) -> list[Found]:
        """The chunks with these ids, in order; what is gone is left out."""
        marks = ",".join("?" * len(chunks))
        rows = {
            row[0]: row
            for row in self._db.execute(
                f"select id, file, start, end, symbol, kind, modality, place from chunks where id in ({marks})",  # noqa: S608 - question marks only
                tuple(chunks),
            )
        }
        result = []
        for chunk in chunks:
            row = rows.get(chunk)
            facts = self.facts(row[1]) if row else None
            if row is None or facts is None:
                continue
            text = self.text(row[1])[row[2] : row[3]]
            result.append(Found(chunk, facts, text, row[4], row[5], row[6], json.loads(row[7]), row[2], row[3]))
        return result

    def select(self, where: Filter) -> list[tuple[FileFacts, str]]:
        """Files that pass the part of a filter that speaks of files, with their digests."""
        clauses: list[str] = ["1"]
        values: list[object] = []
        for column, wanted in (
            ("repo", where.repos), ("language", where.languages), ("media_type", where.media_types),
            ("modality", where.modalities),
        ):  # fmt: skip
            if wanted:
                clauses.append(f"{column} in ({','.join('?' * len(wanted))})")
                values += wanted
        for comparison, bound in ((">=", where.since), ("<", where.until)):
            if bound is not None:
                clauses.append(f"modified {comparison} ?")
                values.append(bound)
        rows = self._db.execute(f"select {FILE_COLUMNS}, digest from files where {' and '.join(clauses)}", values)  # noqa: S608 - columns are ours
        spec = GitIgnoreSpec.from_lines(where.paths) if where.paths else None
        return [(_facts(row), row[-1]) for row in rows if spec is None or spec.match_file(row[2])]

    def totals(self) -> tuple[int, int, int, int, tuple[str, ...]]:
        """Files, chunks, characters, files waiting, repositories."""
        files, size = self._db.execute("select count(*), coalesce(sum(size), 0) from files").fetchone()
        chunks = self._db.execute("select count(*) from chunks").fetchone()[0]
        waiting = self._db.execute("select count(*) from waiting").fetchone()[0]
        repos = tuple(row[0] for row in self._db.execute("select distinct repo from files order by repo"))
        return files, chunks, size, waiting, repos


def _facts(row: Sequence[object]) -> FileFacts:
    touches = tuple(str(row[6]).split("\n")) if row[6] else ()
    return FileFacts(int(str(row[0])), str(row[1]), str(row[2]), str(row[3]), str(row[4]), float(str(row[5])), touches)
