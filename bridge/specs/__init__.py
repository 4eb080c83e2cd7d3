"""What a step is: its name, what goes in, what comes out, how it looks in n8n."""

from bridge.specs.catalogue import Catalogue, Pack
from bridge.specs.dialect import inlined, unsupported
from bridge.specs.model import Execution, FieldPresentation, Presentation, Selector, StepSpec
from bridge.specs.reading import read_folder, read_spec
from bridge.specs.shapes import SHAPES

__all__ = [
    "SHAPES",
    "Catalogue",
    "Execution",
    "FieldPresentation",
    "Pack",
    "Presentation",
    "Selector",
    "StepSpec",
    "inlined",
    "read_folder",
    "read_spec",
    "unsupported",
]
