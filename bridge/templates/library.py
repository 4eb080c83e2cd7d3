"""Templates by name, read from folders, kept parsed while their files stay as they are."""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.compiler import Binding, Compiled, Target, Template, compile_template, parse_template, plan_of
from bridge.compiler.reading import near
from bridge.problems import BadTemplate, Problem, UnknownTemplate
from bridge.specs import Catalogue

NAME = re.compile(r"^[a-z][a-z0-9_]{0,99}$")
LARGEST = 1_000_000


@dataclass(frozen=True)
class _Source:
    """One template file as it was when the folders were last looked through."""

    path: Path
    stamp: tuple[int, int]


class Library:
    """All templates; a file in a later folder takes the place of one with the same name in an earlier folder.

    Folders are looked through again after ``reload_interval`` seconds; a template is parsed again when its file
    changed. At most ``cache_size`` parsed templates are kept. A file that cannot be read spoils nothing but itself.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        folders: Sequence[Path],
        *,
        cache_size: int = 100,
        reload_interval: float = 3600,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.catalogue = catalogue
        self._folders = tuple(folders)
        self._size = cache_size
        self._interval = reload_interval
        self._clock = clock
        self._looked_at: float | None = None
        self._sources: dict[str, _Source] = {}
        self._parsed: OrderedDict[tuple[str, _Source], Template] = OrderedDict()

    def names(self) -> list[str]:
        """All names, in alphabetical order."""
        return sorted(self._current())

    def get(self, name: str) -> Template:
        """The template *name*; raise `UnknownTemplate` or, when its file is at fault, `BadTemplate`."""
        source = self._current().get(name)
        if source is None:
            raise UnknownTemplate(f"There is no template '{name}'. {near(name, self._sources)}")
        kept = self._parsed.get((name, source))
        if kept is None:
            kept = parse_template(_text(source.path), f"Template '{name}'")
            self._parsed[name, source] = kept
        self._parsed.move_to_end((name, source))
        while len(self._parsed) > self._size:
            self._parsed.popitem(last=False)
        return kept

    def sound(self) -> Iterator[tuple[str, Template]]:
        """Every template that can be read."""
        for name in self.names():
            try:
                yield name, self.get(name)
            except BadTemplate:
                continue

    def usable(self) -> Iterator[tuple[str, Template]]:
        """Every template that compiles as it is, without configuration."""
        library = dict(self.sound())
        for name, template in library.items():
            try:
                plan_of(name, template, self.catalogue, library=library)
            except Problem:
                continue
            yield name, template

    def faults(self) -> dict[str, BadTemplate]:
        """Why templates cannot be read, by name."""
        found = {}
        for name in self.names():
            try:
                self.get(name)
            except BadTemplate as problem:
                found[name] = problem
        return found

    def compile(
        self,
        name: str,
        *,
        target: Target = "nodes",
        binding: Binding | None = None,
        config: Mapping[str, Any] | None = None,
        key: str = "",
        workflow_name: str = "",
    ) -> Compiled:
        """Compile the template *name*; *key* tells several workflows of one template apart."""
        return compile_template(
            key or name,
            self.get(name),
            self.catalogue,
            target=target,
            binding=binding,
            config=config,
            library=dict(self.sound()),
            name=workflow_name,
        )

    def reload(self) -> None:
        """Look through the folders now."""
        self._looked_at = None

    def _current(self) -> dict[str, _Source]:
        now = self._clock()
        if self._looked_at is None or now - self._looked_at >= self._interval:
            self._sources = dict(self._found())
            self._looked_at = now
        return self._sources

    def _found(self) -> Iterator[tuple[str, _Source]]:
        for folder in self._folders:
            for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
                if NAME.match(path.stem) and path.is_file() and not path.is_symlink():
                    status = path.stat()
                    yield path.stem, _Source(path, (status.st_mtime_ns, status.st_size))


def builtin_folder() -> Path:
    """Where our own templates are: in the wheel, or beside the package in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "_data" / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise BadTemplate(f"{path.name} is larger than {LARGEST} bytes.")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadTemplate(f"{path.name} cannot be read: {error}.") from None
