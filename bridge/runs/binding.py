"""Find each step's handler and learn, once and at start-up, which doors it asks for."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import get_type_hints

from pydantic import BaseModel

from bridge.authoring import Files, Progress, Results, RunContext
from bridge.doors import Doors
from bridge.problems import UnknownDoor
from bridge.runs.validating import Validator
from bridge.runs.versions import EarlierVersion, earlier_versions
from bridge.specs import Catalogue, StepSpec, inlined

PER_RUN: tuple[type, ...] = (Files, Progress, Results, RunContext)
"""What a handler may ask for that is made anew for each run."""


@dataclass(frozen=True)
class BoundStep:
    """A step ready to run: nothing is looked up, imported or guessed any more."""

    spec: StepSpec
    handler: Callable[..., Awaitable[BaseModel]]
    given: type[BaseModel]
    doors: Mapping[str, object]
    per_run: Mapping[str, type]
    input: Validator
    output: Validator
    earlier: Mapping[int, EarlierVersion] = field(default_factory=dict)

    async def call(self, given: BaseModel, of_run: Mapping[type, object]) -> BaseModel:
        """Call the handler with its doors and with what belongs to this run."""
        return await self.handler(given, **self.doors, **{name: of_run[kind] for name, kind in self.per_run.items()})


def bind(catalogue: Catalogue, doors: Doors) -> dict[str, BoundStep]:
    """Import every handler and hand it its doors; what cannot work fails here, naming step and parameter."""
    on_offer = {kind: getattr(doors, name) for name, kind in get_type_hints(type(doors)).items()}
    return {
        spec.name: bind_one(spec, catalogue.pack_of(spec.name).handlers, on_offer, catalogue.released(spec.name))
        for spec in catalogue
    }


def bind_one(
    spec: StepSpec, handlers: str, on_offer: Mapping[type, object], released: Sequence[StepSpec] = ()
) -> BoundStep:
    """Bind one step whose module is ``<handlers>.<step>``; *released* are the earlier versions it still serves."""
    module = f"{handlers}.{spec.name}"
    imported = import_module(module)
    handler = imported.run
    hints = get_type_hints(handler)
    first, *asked = inspect.signature(handler).parameters
    unknown = [name for name in asked if hints.get(name) not in on_offer and hints.get(name) not in PER_RUN]
    if unknown:
        wanted = ", ".join(f"{name}: {getattr(hints.get(name), '__name__', 'not annotated')}" for name in unknown)
        offered = ", ".join(sorted(kind.__name__ for kind in (*on_offer, *PER_RUN)))
        raise UnknownDoor(f"{module}.run asks for {wanted}, which no door provides. Doors on offer: {offered}.")
    return BoundStep(
        spec=spec,
        handler=handler,
        given=hints[first],
        doors={name: on_offer[hints[name]] for name in asked if hints[name] in on_offer},
        per_run={name: hints[name] for name in asked if hints[name] in PER_RUN},
        input=Validator(inlined(spec.input), formats=True),
        output=Validator(inlined(spec.output), formats=False),
        earlier=earlier_versions(imported, released),
    )
