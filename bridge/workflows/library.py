"""The library: templates from folders and from the API, kept parsed and read again when they change."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

import structlog

from bridge.compiler import Template, parse_template, read_template
from bridge.doors.store import TemplateRecords
from bridge.problems import BadTemplate, UnknownTemplate

log = structlog.get_logger()


class Library:
    """Templates by name. One given by API hides a file of the same name, a later folder hides an earlier one."""

    def __init__(
        self, records: TemplateRecords, folders: Sequence[Path], *, reload_after: float = 3600, most: int = 100
    ) -> None:
        self._records = records
        self._folders = folders
        self._reload_after = reload_after
        self._most = most
        self._files: dict[str, Path] = {}
        self._parsed: OrderedDict[Path, tuple[int, Template]] = OrderedDict()
        self._read_at = -reload_after
        self._turn = asyncio.Lock()

    async def template(self, name: str) -> Template:
        """Return one; raise `UnknownTemplate` with the nearest names."""
        found = (await self.all()).get(name)
        if found is None:
            known = sorted(await self.all())
            near = get_close_matches(name, known, n=3) or known[:20]
            raise UnknownTemplate(f"Template {name[:80]} not found. There are: {', '.join(near) or 'none yet'}.")
        return found

    async def all(self) -> Mapping[str, Template]:
        """Every template by its file's or record's name."""
        await self._refresh()
        found: dict[str, Template] = {}
        for name, path in self._files.items():
            try:
                found[name] = await self._load(path)
            except (BadTemplate, OSError) as problem:
                log.warning("template.unreadable", name=name, said=str(problem))
        for record in await self._records.find():
            found[record.name] = read_template(record.template_data, record.name)
        return found

    async def _refresh(self) -> None:
        async with self._turn:
            if self._files and time.monotonic() - self._read_at < self._reload_after:
                return
            self._files = await asyncio.to_thread(self._listed)
            self._read_at = time.monotonic()

    def _listed(self) -> dict[str, Path]:
        return {
            path.stem: path
            for folder in self._folders
            for path in sorted(folder.glob("*.json"))
            if not path.name.endswith(".schema.json")
        }

    async def _load(self, path: Path) -> Template:
        """Parse a file, unless it is as it was."""
        stamp = (await asyncio.to_thread(path.stat)).st_mtime_ns
        known = self._parsed.get(path)
        if known is None or known[0] != stamp:
            text = await asyncio.to_thread(path.read_text, "utf-8")
            known = (stamp, parse_template(text, str(path.name)))
            self._parsed[path] = known
        self._parsed.move_to_end(path)
        while len(self._parsed) > self._most:
            self._parsed.popitem(last=False)
        return known[1]
