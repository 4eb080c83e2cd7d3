"""The composition root: settings, doors, service; the only place that picks adapters."""

import asyncio
import contextlib
import fcntl
import shutil
import signal
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiohttp
import structlog
from aiohttp import web

from bridge import logs
from bridge.assembling import n8n_key_entry, workflow_rooms
from bridge.doors import Doors
from bridge.doors.analysers import Analysers
from bridge.doors.analysers.opening import open_analysers
from bridge.doors.claims import Claims
from bridge.doors.durable import Durable, Queue
from bridge.doors.durable.on_dbos import DbosDurable
from bridge.doors.guards import Guards, open_guards
from bridge.doors.n8n import N8n
from bridge.doors.n8n.calling import Caller as N8nCaller
from bridge.doors.n8n.over_http import N8nOverHttp
from bridge.doors.notifier.channels import read_channels
from bridge.doors.notifier.sending import Sending
from bridge.doors.press import Press
from bridge.doors.press.processes import open_press
from bridge.doors.probes import Probes
from bridge.doors.search import Search
from bridge.doors.store import Ledger, RunsWanted, Store
from bridge.doors.store.sql import build, build_records, opened
from bridge.problems import BadSetting, Problem, Unavailable
from bridge.runs import BoundStep, Desk, Limits, background, bind, callbacks
from bridge.runs.background import Background
from bridge.runs.bells import Bells
from bridge.runs.callbacks import Caller
from bridge.runs.cleaning import keep_house
from bridge.runs.performing import Performer
from bridge.runs.recording import Recorder
from bridge.settings import Settings
from bridge.specs import Catalogue
from bridge.steps import PACK
from bridge.templates import Library, builtin_folder
from bridge.web import problem_details
from bridge.web.keys import Keys
from bridge.web.measures import Measures
from bridge.web.server import Runner, make_app
from bridge.web.service import Service

log = structlog.get_logger()


GRACE = 30.0
CALLBACKS_AT_ONCE = 50
LOW_WATER = 50_000_000


def serve(settings: Settings, catalogue: Catalogue | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    logs.configure(settings.log_level, settings.log_format)
    asyncio.run(_serve(settings, catalogue))


def work(settings: Settings, catalogue: Catalogue | None = None) -> None:
    """Work on the runs of a shared PostgreSQL until SIGTERM or SIGINT, without serving HTTP."""
    if not settings.postgres_url:
        raise BadSetting("A worker shares its queue over PostgreSQL; set POSTGRES_URL to the one `bridge serve` uses.")
    logs.configure(settings.log_level, settings.log_format)
    asyncio.run(_work(settings, catalogue))


async def _serve(settings: Settings, catalogue: Catalogue | None) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    async with running(settings, catalogue=catalogue) as address:
        log.info("ready", address=address)
        await stop.wait()
        log.info("stopping")


async def _work(settings: Settings, catalogue: Catalogue | None) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    async with building(settings, catalogue=catalogue):
        log.info("working")
        await stop.wait()
        log.info("stopping")


@asynccontextmanager
async def running(
    settings: Settings, *, durable: Durable | None = None, catalogue: Catalogue | None = None
) -> AsyncIterator[str]:
    """Run the whole service and yield its address; port 0 takes a free one."""
    async with building(settings, durable=durable, catalogue=catalogue) as service:
        runner = Runner(make_app(service), access_log=None, handler_cancellation=False, shutdown_timeout=GRACE)
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.host, settings.port).start()
            host, port = runner.addresses[0][:2]
            yield f"http://{host}:{port}"
        finally:
            service.stopping.set()
            service.desk.background.stop()
            await runner.cleanup()


@asynccontextmanager
async def building(
    settings: Settings, *, durable: Durable | None = None, catalogue: Catalogue | None = None
) -> AsyncIterator[Service]:
    """Put the service together, and take it apart again.

    *catalogue* is what is installed, *durable* is DBOS, unless the caller brings its own.
    """
    keys = Keys((*settings.api_keys, n8n_key_entry(settings)) if settings.api_keys else ())
    catalogue = catalogue or Catalogue.installed(PACK)
    async with AsyncExitStack() as stack:
        stack.enter_context(alone(settings))
        database = await stack.enter_async_context(opened(database_url(settings, "bridge.db")))
        store, records = build(database, settings.state), build_records(database)
        library = open_library(settings, catalogue)
        press = await stack.enter_async_context(open_press(settings.report_templates))
        n8n = await stack.enter_async_context(open_n8n(settings))
        guards = await stack.enter_async_context(open_guards(settings))
        analysers = await stack.enter_async_context(open_analysers(guards.fetcher, settings.multimodal_api_url))
        rooms = await stack.enter_async_context(workflow_rooms(settings, records, store, library, n8n))
        doors = open_doors(settings, press, analysers, guards, claims=rooms.executions.claims, ledger=store.ledger)
        steps = bind(catalogue, doors)
        queues = durable or DbosDurable(database_url(settings, "durable.db"))
        desk = open_desk(settings, steps, store, queues=queues, n8n=n8n, keys=keys)
        service = Service(
            settings=settings,
            keys=keys,
            catalogue=catalogue,
            steps=steps,
            store=store,
            desk=desk,
            library=library,
            rooms=rooms,
            measures=Measures(),
            openapi=openapi_of(catalogue),
            parts={"database": partial(check_store, store), "disk": partial(check_disk, settings)},
        )
        await stack.enter_async_context(at_work(settings, service, queues))
        yield service


@asynccontextmanager
async def at_work(settings: Settings, service: Service, queues: Durable) -> AsyncIterator[None]:
    """Take work from the queues, and keep the house in order, for as long as the service lives."""
    desk = service.desk
    await queues.start(
        [
            Queue(background.QUEUE, desk.background.work, settings.max_long),
            Queue(callbacks.QUEUE, desk.caller.deliver, CALLBACKS_AT_ONCE),
        ]
    )
    await desk.background.recover(everything=not settings.postgres_url)
    await desk.caller.recover()
    keeper = asyncio.create_task(keep_house(settings.keep_runs, service.store, desk, queues))
    try:
        yield
    finally:
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper
        desk.background.stop()
        await queues.stop()
        await desk.runs.settled()


def open_desk(
    settings: Settings, steps: Mapping[str, BoundStep], store: Store, *, queues: Durable, n8n: N8n | None, keys: Keys
) -> Desk:
    """Put the room of runs together."""
    scratch = settings.state / "scratch"
    recorder, bells = Recorder(store.runs), Bells()
    performer = Performer(steps, recorder, store.blobs, scratch, settings.max_upload, describe)
    origins = {callbacks.origin(url) for url in (settings.n8n_url, settings.n8n_webhook_url) if url}
    caller = Caller(store.callbacks, queues, _tell(n8n), keys.secret_of, frozenset(origins))
    worker = Background(
        performer=performer,
        runs=recorder,
        attempts=store.attempts,
        keys=store.keys,
        durable=queues,
        caller=caller,
        bells=bells,
        owner=str(uuid.uuid4()),
    )
    limits = Limits(quick=settings.max_quick, queued=settings.max_queued)
    return Desk(performer, recorder, store.attempts, store.keys, queues, worker, caller, bells, limits)


def _tell(n8n: N8n | None) -> callbacks.Tell:
    async def tell(url: str, body: bytes, headers: Mapping[str, str]) -> callbacks.Told:
        if n8n is None:
            raise Unavailable("No n8n is configured (N8N_URL).")
        return await n8n.executions.start(url, body, headers)

    return tell


@asynccontextmanager
async def open_n8n(settings: Settings) -> AsyncIterator[N8n | None]:
    """The configured n8n, if there is one."""
    if not settings.n8n_url:
        yield None
        return
    async with aiohttp.ClientSession() as session:
        calls = N8nCaller(session, settings.n8n_url, settings.n8n_api_key, webhook_url=settings.n8n_webhook_url)
        yield N8nOverHttp(calls)


def openapi_of(catalogue: Catalogue) -> bytes:
    """The OpenAPI document: as generated, or made anew when other packs bring steps."""
    if len(catalogue.packs) == 1:
        return files("bridge.generated").joinpath("openapi.json").read_bytes()
    from bridge.codegen import openapi

    return openapi.render(sorted(catalogue, key=lambda spec: spec.name)).encode()


def describe(problem: Problem, run_id: str) -> Mapping[str, Any]:
    """A problem as a run keeps it."""
    return problem_details.document(problem, run_id=run_id)


def database_url(settings: Settings, name: str) -> str:
    """PostgreSQL if it is configured, else a file of this name."""
    return settings.postgres_url or f"sqlite:///{settings.state / name}"


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Make sure that an embedded database has one process; several need PostgreSQL."""
    settings.state.mkdir(parents=True, exist_ok=True)
    if settings.postgres_url:
        yield
        return
    with (settings.state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadSetting(
                f"Another bridge uses {settings.state}. Stop it, set BRIDGE_DATA_DIR, or set POSTGRES_URL for several."
            ) from None
        yield


async def check_store(store: Store) -> str:
    """The database answers."""
    await store.runs.find(RunsWanted(), limit=1)
    return ""


async def check_disk(settings: Settings) -> str:
    """There is room for work."""
    free = shutil.disk_usage(settings.state).free
    return "" if free > LOW_WATER else f"only {free // 1_000_000} MB are free below {settings.state}"


def open_library(settings: Settings, catalogue: Catalogue) -> Library:
    """The templates: ours, then the folders of the owner."""
    folders = [builtin_folder(), *(Path(each) for each in settings.templates_dir)]
    size, interval = settings.template_cache_size, settings.template_reload_interval
    return Library(catalogue, folders, cache_size=size, reload_interval=interval)


def open_probes(settings: Settings) -> Probes:
    """Looks from this machine; its libraries wait until something is looked at."""
    from bridge.doors.probes.direct import DirectProbes

    return DirectProbes(settings.allowed_hosts, settings.data_dir.parent)


def open_search(settings: Settings) -> Search:
    """The search index below the data folder; nothing is opened before the first question."""
    from bridge.doors.search.embedded import EmbeddedSearch
    from bridge.retrieval.chunking import CHUNKER_VERSION
    from bridge.retrieval.indexing import tokenize

    return EmbeddedSearch(settings.state / "search", tokenize, CHUNKER_VERSION)


def open_doors(
    settings: Settings, press: Press, analysers: Analysers, guards: Guards, *, claims: Claims, ledger: Ledger
) -> Doors:
    """Pick the adapters that steps may ask for."""
    notifier = Sending(read_channels(settings.config_file), guards.fetcher)
    return Doors(
        roots=guards.roots,
        fetcher=guards.fetcher,
        sandbox=guards.sandbox,
        worktree=guards.worktree,
        claims=claims,
        analysers=analysers,
        press=press,
        notifier=notifier,
        ledger=ledger,
        search=open_search(settings),
        probes=open_probes(settings),
    )
