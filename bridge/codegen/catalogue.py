"""The catalogue: all specs of a pack in one JSON file, read at start-up and by the template compiler."""

import json
from collections.abc import Sequence

from bridge.specs import StepSpec


def render(specs: Sequence[StepSpec]) -> str:
    """Render *specs* with absent fields absent."""
    steps = [spec.model_dump(mode="json", exclude_none=True, exclude_defaults=True) for spec in specs]
    return json.dumps({"steps": steps}, indent=1, ensure_ascii=False) + "\n"
