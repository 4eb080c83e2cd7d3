"""Results of earlier runs of the same n8n execution, for steps that build on them."""

from bridge.authoring import Earlier
from bridge.doors.store import Run, Runs, RunsWanted
from bridge.problems import InvalidInput, NotFound

MANY = 1000


class StoredResults:
    """What the run *run* may see: its tenant's runs, filed under workflow + execution."""

    def __init__(self, runs: Runs, run: Run) -> None:
        self._runs, self._run = runs, run

    async def of(self, reference: str) -> list[Earlier]:
        """``run:<id>``, or ``node:<name>``: all items of that node's latest run index in this execution."""
        kind, _, name = reference.partition(":")
        if kind == "run" and name:
            found = await self._runs.get(name)
            if found.tenant != self._run.tenant:
                raise NotFound(f"There is no run '{name[:60]}'.")
            if found.status != "completed":
                raise NotFound(f"The run '{name[:60]}' has no result; it is {found.status}.")
            return [_earlier(found)]
        if kind != "node" or not name:
            raise InvalidInput(f"'{reference[:60]}' names no result. Give run:<id> or node:<name>.")
        found_there = await self._completed(name)
        if not found_there:
            raise NotFound(f"No node '{name[:60]}' has a result in this execution. Its name is as on the canvas.")
        latest = max(run.n8n.run_index for run in found_there)
        items = [run for run in found_there if run.n8n.run_index == latest]
        return [_earlier(run) for run in sorted(items, key=lambda each: each.n8n.item_index)]

    async def of_execution(self) -> list[Earlier]:
        """All that completed, oldest first."""
        return [_earlier(run) for run in await self._completed("")]

    async def _completed(self, node: str) -> list[Run]:
        origin = self._run.n8n
        if not origin.execution_id:
            return []
        wanted = RunsWanted(self._run.tenant, "", ("completed",), origin.workflow_id, origin.execution_id, node)
        page = await self._runs.find(wanted, limit=MANY)
        return [run for run in reversed(page.items) if run.id != self._run.id]


def _earlier(run: Run) -> Earlier:
    return Earlier(run.id, run.step, run.n8n.node, run.result or {}, run.ended_at or run.created_at)
