"""Opening the analysers a configuration asks for, and closing them again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bridge.doors.analysers import Analysers
from bridge.doors.analysers.embedded import Embedded
from bridge.doors.analysers.remote import Remote
from bridge.doors.analysers.remote.chat_model import ChatModel
from bridge.doors.analysers.remote.combined import Combined
from bridge.doors.analysers.remote.multimodal_worker import MultimodalWorker
from bridge.doors.fetcher import Fetcher, Target


@asynccontextmanager
async def open_analysers(fetcher: Fetcher, worker_url: str = "") -> AsyncIterator[Analysers]:
    """Yield our own engines and, beside them, a multimodal-worker and every target of kind model."""
    remotes: list[Remote] = [ChatModel(fetcher, each) for each in fetcher.targets("model")]
    if worker_url:
        remotes.append(MultimodalWorker(fetcher, Target("multimodal-worker", "service", worker_url)))
    engines = Combined(Embedded(), remotes)
    try:
        yield engines
    finally:
        await engines.close()
