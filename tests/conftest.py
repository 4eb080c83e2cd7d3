"""What every test may use: a step bound to given doors, with stand-ins for what belongs to a run."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.authoring import Earlier, Files, Progress, Results, RunContext, Upload, Written
from bridge.problems import NotFound
from bridge.runs import Made, Surroundings, perform
from bridge.runs.binding import bind_one
from bridge.specs import Catalogue
from bridge.steps import PACK
from tests.postgres import a_database, a_server

pytest_plugins = ["tests.partial"]

collect_ignore = ["fixtures"]
"""The repositories and packs that tests work on have tests of their own, which are not ours to run."""


@dataclass
class LocalFiles:
    """Files of one run kept in a folder; `uploads` are what the input may refer to."""

    folder: Path
    made: Made
    uploads: dict[str, Path] = field(default_factory=dict)

    async def open(self, reference: str) -> Upload:
        if reference not in self.uploads:
            raise NotFound(f"There is no upload '{reference}'.")
        path = self.uploads[reference]
        content = path.read_bytes()
        return Upload(path, path.name, "application/octet-stream", len(content), hashlib.sha256(content).hexdigest())

    async def write(self, name: str, content: bytes | Path, media_type: str) -> Written:
        raw = content if isinstance(content, bytes) else content.read_bytes()
        digest = hashlib.sha256(raw).hexdigest()
        (self.folder / name).write_bytes(raw)
        written = Written(digest[:12], name, media_type, len(raw), digest, f"/v1/files/{digest[:12]}")
        self.made.files.append(written)
        return written

    def scratch(self) -> Path:
        path = self.folder / "scratch"
        path.mkdir(exist_ok=True)
        return path


@dataclass
class RecordedProgress:
    said: list[tuple[float, str]] = field(default_factory=list)

    def __call__(self, fraction: float, message: str) -> None:
        self.said.append((fraction, message))


@dataclass
class GivenResults:
    earlier: list[Earlier] = field(default_factory=list)

    async def of(self, reference: str) -> list[Earlier]:
        kind, _, name = reference.partition(":")
        found = [each for each in self.earlier if name == (each.run_id if kind == "run" else each.node)]
        if not found:
            raise NotFound(f"There is no result '{reference}'.")
        return found

    async def of_execution(self) -> list[Earlier]:
        return self.earlier


class StepTrial:
    """Runs one step as the service would, on the doors a test hands over."""

    def __init__(self, folder: Path) -> None:
        self.made = Made()
        self.files: Files = LocalFiles(folder, self.made)
        self.progress: Progress = RecordedProgress()
        self.results: Results = GivenResults()
        self.event: dict[str, Any] = {}
        self.n8n: dict[str, Any] = {}

    async def __call__(self, name: str, given: dict[str, Any], *doors: object, **typed: Any) -> dict[str, Any]:
        """Run step *name*; *typed* maps a door's name to its adapter, matched to the handler's parameters."""
        from importlib import import_module
        from typing import get_type_hints

        catalogue = Catalogue([PACK])
        handler = import_module(f"{PACK.handlers}.{name}").run
        hints = get_type_hints(handler)
        on_offer = {hints[parameter]: door for parameter, door in typed.items() if parameter in hints}
        step = bind_one(catalogue[name], PACK.handlers, on_offer)
        context = RunContext(
            "run-1", name, step.spec.version, "test", datetime.now(UTC) + timedelta(hours=1), self.n8n, self.event
        )
        surroundings = Surroundings(self.files, self.progress, self.results, context, self.made)
        return await perform(step, given, surroundings)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be written anew: read what changed before committing it."""
    parser.addoption("--regenerate", action="store_true", help="write golden files anew")


@pytest.fixture
def try_step(tmp_path: Path) -> StepTrial:
    """Call a step: ``await try_step("health_check", {...}, fetcher=fetcher)``."""
    folder = tmp_path / "run"
    folder.mkdir()
    return StepTrial(folder)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A private PostgreSQL server for the whole session; mark what uses it with ``postgres``."""
    with a_server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty database of one's own."""
    with a_database(postgres_server) as url:
        yield url
