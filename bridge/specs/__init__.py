"""What a step is: its name, what goes in, what comes out, how it looks in n8n."""

from bridge.specs.catalogue import Catalogue, Pack
from bridge.specs.dialect import inlined, unsupported
from bridge.specs.model import Execution, FieldPresentation, Presentation, Selector, StepSpec
from bridge.specs.parameters import NodeField, NodeSelector, camel, fields_of, parameters_for, selector_of
from bridge.specs.reading import read_folder, read_spec
from bridge.specs.shapes import SHAPES

__all__ = [
    "SHAPES",
    "Catalogue",
    "Execution",
    "FieldPresentation",
    "NodeField",
    "NodeSelector",
    "Pack",
    "Presentation",
    "Selector",
    "StepSpec",
    "camel",
    "fields_of",
    "inlined",
    "parameters_for",
    "read_folder",
    "read_spec",
    "selector_of",
    "unsupported",
]
