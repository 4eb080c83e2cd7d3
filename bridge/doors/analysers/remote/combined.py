"""Our own engines first, then the configured remote ones; when a remote is down, the local result stands."""

from collections.abc import Sequence
from dataclasses import replace

from bridge.documents import Document
from bridge.doors.analysers import Analysed, Analysers, Degraded, Engine, Subject, Wanted
from bridge.doors.analysers.remote import Remote, RemoteAnswer
from bridge.problems import Problem


class Combined:
    """Analysers of which the remote ones may fail without harm."""

    def __init__(self, local: Analysers, remotes: Sequence[Remote]) -> None:
        self._local = local
        self._remotes = tuple(remotes)

    async def analyse(self, subject: Subject, wanted: Wanted) -> Analysed:
        """Read locally, then ask each remote engine about the subject itself."""
        analysed = await self._local.analyse(subject, wanted)
        if not analysed.documents:
            return analysed
        for remote in self._remotes:
            if not remote.takes(analysed.documents[0], wanted):
                continue
            try:
                answer = await remote.ask(subject, analysed.documents[0], wanted)
            except Problem as problem:
                degraded = Degraded(remote.name, str(problem), "the bridge's own engines")
                analysed = replace(analysed, degraded=(*analysed.degraded, degraded))
                continue
            analysed = _with(analysed, remote.name, answer)
        return analysed

    async def engines(self) -> list[Engine]:
        """Our own engines, then the remote ones."""
        remotes = [Engine(each.name, "what a model is needed for", 0, 0) for each in self._remotes]
        return [*await self._local.engines(), *remotes]

    async def close(self) -> None:
        """End our own engines."""
        await self._local.close()


def _with(analysed: Analysed, name: str, answer: RemoteAnswer) -> Analysed:
    first: Document = analysed.documents[0]
    count = len(first.segments)
    added = tuple(replace(each, id=str(count + number)) for number, each in enumerate(answer.segments))
    degraded = (Degraded(name, answer.lacking, "the bridge's own engines"),) if answer.lacking else ()
    return Analysed(
        (replace(first, segments=(*first.segments, *added)), *analysed.documents[1:]),
        (*analysed.findings, *answer.findings),
        (*analysed.degraded, *degraded),
        {**analysed.remote, name: dict(answer.raw)},
    )
