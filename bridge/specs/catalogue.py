"""All steps this installation knows, from every installed pack."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from importlib.metadata import entry_points
from importlib.resources.abc import Traversable
from typing import Self

from bridge.problems import BadSpec, NotFound
from bridge.specs.model import StepSpec

ENTRY_POINT_GROUP = "bridge.steps"


@dataclass(frozen=True)
class Pack:
    """Steps that travel together in one distribution.

    ``handlers`` is the package with one module (or folder) per step, ``catalogue`` the generated
    catalogue.json, ``models`` the package of generated models, ``node_package`` the npm package's name.
    """

    name: str
    handlers: str
    models: str
    catalogue: Traversable
    node_package: str

    @cached_property
    def specs(self) -> tuple[StepSpec, ...]:
        """The pack's current specs; read from the generated catalogue, so they were checked before."""
        return tuple(StepSpec.model_validate(raw) for raw in json.loads(self.catalogue.read_text("utf-8"))["steps"])

    @cached_property
    def released(self) -> tuple[StepSpec, ...]:
        """Earlier versions of the pack's steps that are still served, oldest first."""
        raw = json.loads(self.catalogue.read_text("utf-8")).get("released", [])
        return tuple(StepSpec.model_validate(each) for each in raw)


class Catalogue:
    """Steps by name, each with the pack that brings it."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self.packs = tuple(packs)
        self._specs: dict[str, StepSpec] = {}
        self._packs: dict[str, Pack] = {}
        for pack in packs:
            for spec in pack.specs:
                if spec.name in self._specs:
                    other = self._packs[spec.name].name
                    raise BadSpec(
                        f"The packs '{other}' and '{pack.name}' both bring a step '{spec.name}'. Uninstall one of them."
                    )
                self._specs[spec.name] = spec
                self._packs[spec.name] = pack

    @classmethod
    def installed(cls, builtin: Pack) -> Self:
        """Our own pack and every pack that announces itself under the entry point group ``bridge.steps``."""
        return cls([builtin, *(point.load() for point in sorted(entry_points(group=ENTRY_POINT_GROUP)))])

    def __iter__(self) -> Iterator[StepSpec]:
        return iter(self._specs.values())

    def __len__(self) -> int:
        return len(self._specs)

    def __contains__(self, name: object) -> bool:
        return name in self._specs

    def __getitem__(self, name: str) -> StepSpec:
        try:
            return self._specs[name]
        except KeyError:
            near = get_close_matches(name, self._specs, n=3)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(sorted(self._specs))}."
            raise NotFound(f"There is no step '{name}'. {hint}") from None

    def released(self, name: str) -> tuple[StepSpec, ...]:
        """Earlier versions of the step *name* that are still served, oldest first."""
        return tuple(each for each in self.pack_of(name).released if each.name == name)

    def pack_of(self, name: str) -> Pack:
        """The pack that brings the step *name*."""
        self[name]
        return self._packs[name]
