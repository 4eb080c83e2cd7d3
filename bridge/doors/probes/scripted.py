"""Probes that answer what they were told, for tests of steps."""

from collections.abc import Mapping

from bridge.doors.fetcher import Target
from bridge.doors.probes import Reading, Resources


class ScriptedProbes:
    """Readings by what is looked at (``host:port``, a name, a target's name); everything else answers well.

    A list of readings is given out one after the other, its last one for ever.
    """

    def __init__(
        self, readings: Mapping[str, Reading | list[Reading]] | None = None, resources: Resources | None = None
    ) -> None:
        self._readings = dict(readings or {})
        self._resources = resources or Resources(10.0, 20.0, 30.0, 0.5, 10**11)

    def _next(self, key: str) -> Reading:
        found = self._readings.get(key, Reading(ok=True, detail=f"{key} answers.", elapsed=0.01))
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found

    async def tcp(self, host: str, port: int, *, timeout: float) -> Reading:  # noqa: ARG002 - the door's signature
        """Answer from the script."""
        return self._next(f"{host}:{port}")

    async def tls(self, host: str, port: int, *, timeout: float) -> Reading:  # noqa: ARG002 - the door's signature
        """Answer from the script."""
        return self._next(f"{host}:{port}")

    async def dns(self, name: str, kind: str, *, timeout: float) -> Reading:  # noqa: ARG002 - the door's signature
        """Answer from the script."""
        return self._next(name)

    async def database(self, target: Target, *, timeout: float) -> Reading:  # noqa: ARG002 - the door's signature
        """Answer from the script."""
        return self._next(target.name)

    async def target(self, target: Target, *, timeout: float) -> Reading:  # noqa: ARG002 - the door's signature
        """Answer from the script."""
        return self._next(target.name)

    async def process(self, name: str) -> Reading:
        """Answer from the script."""
        return self._next(name)

    async def resources(self) -> Resources:
        """Answer from the script."""
        return self._resources
