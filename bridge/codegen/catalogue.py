"""The catalogue: all specs of a pack in one JSON file, read at start-up and by the template compiler."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.specs import StepSpec


def render(specs: Sequence[StepSpec], released: Mapping[str, Sequence[StepSpec]]) -> str:
    """Render *specs*, and the earlier versions of them that are still served, with absent fields absent."""
    earlier = [each for spec in specs for each in released.get(spec.name, ()) if each.version < spec.version]
    document = {
        "steps": [_dumped(spec) for spec in specs],
        **({"released": [_dumped(spec) for spec in earlier]} if earlier else {}),
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _dumped(spec: StepSpec) -> dict[str, Any]:
    return spec.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
