"""`bridge up`: the bridge and a real n8n, provisioned, proved by a workflow that runs to success, stopped by ^C."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from rich.console import Console

from bridge.local import npm, packages, places, provisioning, state, tour
from bridge.local.bridge_server import BridgeServer, key_entry
from bridge.local.n8n_client import N8nClient
from bridge.local.n8n_server import N8nServer, Owner
from bridge.problems import Conflict, Problem, Unavailable, UpstreamFailed
from bridge.settings import Settings

BRIDGE_PORT, N8N_PORT, BROKER_PORT = 8007, 5678, 5679


@dataclass(frozen=True)
class Wishes:
    """What the command line asked for."""

    n8n_url: str = ""
    api_key: str = ""
    no_n8n: bool = False
    prepare: bool = False
    once: bool = False


@dataclass
class Installation:
    """Everything `up` starts, and what it remembers about it."""

    folder: Path
    remembered: state.State
    console: Console
    wishes: Wishes
    server: N8nServer | None = None
    bridge: BridgeServer | None = None

    @property
    def file(self) -> Path:
        """Where keys and ports are kept."""
        return self.folder / "state.json"

    @property
    def bridge_url(self) -> str:
        """Where the bridge is, or will be."""
        return f"http://127.0.0.1:{self.remembered.bridge_port}"

    @property
    def n8n_url(self) -> str:
        """Where n8n is; empty without one."""
        return self.server.url if self.server else self.wishes.n8n_url.rstrip("/")

    @contextlib.contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Show what is being done while it is done, and how long it took."""
        begun = time.monotonic()
        with self.console.status(f"{what} …"):
            yield
        self.console.print(f"[green]✓[/] {what} [dim]{time.monotonic() - begun:.1f} s[/]")

    def look_after(self) -> None:
        """A program that ends by itself ends the others too, and is explained."""
        for part in (self.bridge, self.server):
            child = part.child if part else None
            if child is not None and not child.running:
                raise Problem(f"{child.name} ended by itself ({child.log}):\n{child.tail()}")

    def restart_bridge(self) -> None:
        """Start the bridge again, with the handlers as they are now."""
        if self.bridge:
            self.bridge.stop()
            self.bridge.start()

    def restart_n8n(self) -> None:
        """Start n8n again, with the node package as it is now."""
        if self.server:
            self.server.restart()

    def stop(self) -> None:
        """Stop what was started, n8n first: it may still be asking the bridge things."""
        for part in (self.server, self.bridge):
            if part:
                part.stop()

    def say(self, words: str) -> None:
        """A line between two others."""
        self.console.print(f"[dim]  {words}[/]", highlight=False)


def bring_up(wishes: Wishes) -> None:
    """Bring everything up as wished and stay until ^C."""
    console = Console(stderr=True)
    if wishes.prepare:
        _prepare(_installation(wishes, console))
        return
    with standing(wishes, console) as installation:
        while not wishes.once:
            time.sleep(0.5)
            installation.look_after()


@contextlib.contextmanager
def standing(wishes: Wishes, console: Console) -> Iterator[Installation]:
    """Everything started and checked; stopped at the end, which ^C or SIGTERM bring about."""
    installation = _installation(wishes, console)
    with contextlib.ExitStack() as at_the_end:
        at_the_end.enter_context(_only_one(installation.folder))
        _interrupted_by_signals(at_the_end)
        at_the_end.callback(installation.stop)
        try:
            _start(installation)
            _check(installation)
            yield installation
        except KeyboardInterrupt:
            console.print("\nstopping")


def _installation(wishes: Wishes, console: Console) -> Installation:
    folder = Settings().state / "local"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Installation(folder, state.load(folder / "state.json"), console, wishes)


def _prepare(installation: Installation) -> None:
    """Install and build everything; start nothing."""
    with installation.doing("n8n is installed"):
        npm.ensure_n8n(installation.say)
    with installation.doing("the node package is built"):
        tarball = packages.our_package(installation.say)
    if installation.wishes.prepare:
        installation.say(f"the node package: {tarball}")


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Refuse a second `up` on one data folder: two n8n on one database lose data."""
    import fcntl

    with (folder / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"`bridge up` is already running on {folder.parent}. Stop it or set BRIDGE_DATA_DIR."
            ) from None
        yield


def _interrupted_by_signals(at_the_end: contextlib.ExitStack) -> None:
    """Turn ^C and SIGTERM into one KeyboardInterrupt; later ones do not disturb the stopping."""
    seen: list[int] = []

    def once(number: int, _: FrameType | None) -> None:
        seen.append(number)
        if len(seen) == 1:
            raise KeyboardInterrupt

    for each in (signal.SIGINT, signal.SIGTERM):
        at_the_end.callback(signal.signal, each, signal.signal(each, once))


def _start(installation: Installation) -> None:
    remembered = installation.remembered
    remembered.bridge_port = places.free_port(remembered.bridge_port or BRIDGE_PORT)
    n8n_key = installation.wishes.api_key
    if not installation.wishes.no_n8n and not installation.wishes.n8n_url:
        _start_n8n(installation)
        with installation.doing("n8n has an owner and an API key"):
            n8n_key = _api_key(installation)
    _start_bridge(installation, n8n_key)
    state.save(remembered, installation.file)
    if installation.n8n_url:
        if not n8n_key:
            raise Unavailable(f"A key for {installation.n8n_url} is needed: n8n, Settings, n8n API; then --api-key.")
        with installation.doing("our nodes know the bridge"):
            remembered.credential_id = provisioning.ensure_credential(
                installation.n8n_url, n8n_key, installation.bridge_url, remembered.node_key, remembered.credential_id
            )
        state.save(remembered, installation.file)


def _start_n8n(installation: Installation) -> None:
    remembered = installation.remembered
    remembered.n8n_port = places.free_port(remembered.n8n_port or N8N_PORT)
    remembered.broker_port = places.free_port(remembered.broker_port or BROKER_PORT)
    owner = Owner(remembered.owner_email, remembered.owner_password, remembered.owner_hash)
    server = N8nServer(
        installation.folder / "n8n", remembered.n8n_port, remembered.broker_port, owner, installation.bridge_url
    )
    state.save(remembered, installation.file)
    _prepare(installation)
    packages.install_package(packages.our_package(), server.packages)
    installation.server = server
    with installation.doing(f"n8n answers at {server.url}"):
        server.start(installation.say)


def _api_key(installation: Installation) -> str:
    """The key of an earlier start where n8n still takes it, otherwise a new one."""
    remembered, server = installation.remembered, installation.server
    if server is None:
        raise Unavailable("There is no n8n of ours to make a key in.")
    if remembered.n8n_api_key:
        with N8nClient(server.url, remembered.n8n_api_key) as client, contextlib.suppress(UpstreamFailed):
            client.api("GET", "/workflows", params={"limit": 1})
            return remembered.n8n_api_key
    with contextlib.closing(provisioning.log_in(server.url, server.owner)) as session:
        remembered.n8n_api_key = provisioning.make_api_key(session)
    return remembered.n8n_api_key


def _start_bridge(installation: Installation, n8n_key: str) -> None:
    remembered = installation.remembered
    own = {name: value for name, value in os.environ.items() if name.startswith("BRIDGE_")}
    given = own.pop("BRIDGE_API_KEYS", "")
    keys = (key_entry("you", "manage", remembered.bridge_key), key_entry("n8n", "use", remembered.node_key))
    more = {**own, "BRIDGE_PATH_SECRET": remembered.path_secret, "BRIDGE_LOG_FORMAT": "console"}
    if installation.n8n_url:
        more |= {"N8N_URL": installation.n8n_url, "N8N_API_KEY": n8n_key}
    more["BRIDGE_DATA_DIR"] = str(Settings().state)
    server = BridgeServer(installation.folder, remembered.bridge_port, (*keys, *filter(None, given.split(","))), more)
    installation.bridge = server
    with installation.doing(f"the bridge answers at {server.url}"):
        server.start()


def _check(installation: Installation) -> None:
    """Run the tour's workflow to success, then say where everything is."""
    remembered = installation.remembered
    key = installation.wishes.api_key or remembered.n8n_api_key
    if installation.n8n_url:
        with N8nClient(installation.n8n_url, key) as client:
            with installation.doing("the workflow 'First report' is imported"):
                tour.ensure_workflow(client, remembered)
            state.save(remembered, installation.file)
            with installation.doing("it ran on a source file and a screenshot"):
                report = tour.run(client, remembered)
        installation.say(f"its report: {len(report.splitlines())} lines, first: {report.strip().splitlines()[0]}")
    _show(installation)


def _show(installation: Installation) -> None:
    remembered, show = installation.remembered, installation.console.print
    show()
    show(f"[bold]bridge[/]     {installation.bridge_url}     docs at {installation.bridge_url}/docs", highlight=False)
    show(f"           key: {remembered.bridge_key}", highlight=False, soft_wrap=True)
    if installation.server:
        show(f"[bold]n8n[/]        {installation.n8n_url}", highlight=False)
        show(f"           login: {remembered.owner_email}  {remembered.owner_password}", highlight=False)
    if installation.n8n_url:
        show(f"[bold]workflow[/]   {installation.n8n_url}/workflow/{remembered.workflow_id}", highlight=False)
        show("[bold]run it[/]")
        show(f"  {tour.curl(installation.n8n_url, remembered)}", highlight=False, soft_wrap=True)
    show(
        f"[dim]keys and logins are kept in {installation.file}; ^C stops everything[/]", highlight=False, soft_wrap=True
    )
