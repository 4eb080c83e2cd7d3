"""The composition root: settings, doors, service; the only place that picks adapters."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from aiohttp import web

from bridge import logs
from bridge.doors import Doors
from bridge.doors.analysers import Analysers
from bridge.doors.analysers.opening import open_analysers
from bridge.doors.claims.in_memory import ClaimsInMemory
from bridge.doors.closed import Closed
from bridge.doors.guards import Guards, open_guards
from bridge.doors.notifier.channels import read_channels
from bridge.doors.notifier.sending import Sending
from bridge.doors.press import Press
from bridge.doors.press.processes import open_press
from bridge.doors.search import Search
from bridge.runs import bind
from bridge.settings import Settings
from bridge.specs import Catalogue
from bridge.steps import PACK
from bridge.templates import Library, builtin_folder
from bridge.web.keys import Keys
from bridge.web.server import Runner, make_app
from bridge.web.service import Service

log = structlog.get_logger()


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    logs.configure(settings.log_level, settings.log_format)
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    async with running(settings) as address:
        log.info("ready", address=address)
        await stop.wait()
        log.info("stopping")


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[str]:
    """Run the whole service and yield its address; port 0 takes a free one."""
    async with building(settings) as service:
        runner = Runner(make_app(service), access_log=None, handler_cancellation=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.host, settings.port).start()
            host, port = runner.addresses[0][:2]
            yield f"http://{host}:{port}"
        finally:
            await runner.cleanup()


@asynccontextmanager
async def building(settings: Settings) -> AsyncIterator[Service]:
    """Put the service together, and take it apart again."""
    catalogue = Catalogue.installed(PACK)
    async with (
        open_press(settings.report_templates) as press,
        open_analysers() as analysers,
        open_guards(settings) as guards,
    ):
        steps = bind(catalogue, open_doors(settings, press, analysers, guards))
        yield Service(settings, Keys(settings.api_keys), catalogue, steps, open_library(settings, catalogue))


def open_library(settings: Settings, catalogue: Catalogue) -> Library:
    """The templates: ours, then the folders of the owner."""
    folders = [builtin_folder(), *(Path(each) for each in settings.templates_dir)]
    size, interval = settings.template_cache_size, settings.template_reload_interval
    return Library(catalogue, folders, cache_size=size, reload_interval=interval)


def open_search(settings: Settings) -> Search:
    """The search index below the data folder; nothing is opened before the first question."""
    from bridge.doors.search.embedded import EmbeddedSearch
    from bridge.retrieval.chunking import CHUNKER_VERSION
    from bridge.retrieval.indexing import tokenize

    return EmbeddedSearch(settings.state / "search", tokenize, CHUNKER_VERSION)


def open_doors(settings: Settings, press: Press, analysers: Analysers, guards: Guards) -> Doors:
    """Pick the adapters that steps may ask for."""
    missing = Closed("This part of the bridge is not installed.")
    notifier = Sending(read_channels(settings.config_file), guards.fetcher)
    return Doors(
        roots=guards.roots,
        fetcher=guards.fetcher,
        sandbox=guards.sandbox,
        worktree=guards.worktree,
        claims=ClaimsInMemory(),
        analysers=analysers,
        press=press,
        notifier=notifier,
        ledger=missing,
        search=open_search(settings),
    )
