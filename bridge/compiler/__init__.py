"""Template in, n8n workflow document out; pure, four passes, no I/O.

template --expand, configure, resolve--> plan --check--> plan --draw, lay out--> canvas --write down--> document
"""

from bridge.compiler.binding import Binding, Credential
from bridge.compiler.checks import CODES, check_template, faults_in
from bridge.compiler.compiling import Compiled, StepOnCanvas, compile_template, plan_of
from bridge.compiler.diffing import Change, differences, normal_form
from bridge.compiler.emit import TARGETS, Target
from bridge.compiler.layout import overlaps
from bridge.compiler.reading import parse_template, read_template
from bridge.compiler.template import TRIGGERS, Template

__all__ = [
    "CODES",
    "TARGETS",
    "TRIGGERS",
    "Binding",
    "Change",
    "Compiled",
    "Credential",
    "StepOnCanvas",
    "Target",
    "Template",
    "check_template",
    "compile_template",
    "differences",
    "faults_in",
    "normal_form",
    "overlaps",
    "parse_template",
    "plan_of",
    "read_template",
]
