"""Pass 2: what a template, a plan and a finished document must be. One function per rule; its name is the rule's code.

    structure · references · conditions   the template as written
    values · waiting                      the plan
    document                              the workflow as n8n will read it: faults n8n itself keeps silent about

All rules of a family run, and everything found is reported at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bridge.compiler.checks import conditions, document, references, structure, values, waiting
from bridge.compiler.plan import Plan
from bridge.compiler.reading import refused
from bridge.compiler.template import Template
from bridge.problems import Issue
from bridge.specs import Catalogue

RULES: Mapping[str, Sequence[Callable[..., Iterator[tuple[str, str]]]]] = {
    "template": (*structure.RULES, *references.RULES, *conditions.RULES),
    "plan": (*values.RULES, *waiting.RULES),
    "document": document.RULES,
}
CODES = tuple(rule.__name__ for family in RULES.values() for rule in family)
"""Every named check of the compiler."""


def check_template(template: Template, catalogue: Catalogue) -> None:
    """Raise `BadTemplate` for a template whose names do not hang together."""
    issues = _run(structure.RULES, template, catalogue)
    issues = issues or _run((*references.RULES, *conditions.RULES), template, catalogue)
    if issues:
        raise refused(f"Template '{template.name}'", issues)


def check_plan(plan: Plan) -> None:
    """Raise `BadTemplate` for a plan that n8n or the bridge could not run as meant."""
    issues = _run(RULES["plan"], plan)
    if issues:
        raise refused(f"Template '{plan.title}'", issues)


def faults_in(workflow: Mapping[str, Any]) -> list[Issue]:
    """Everything wrong with a workflow document that n8n accepts without a word; for foreign documents too."""
    return _run(document.RULES, workflow)


def check_document(workflow: Mapping[str, Any]) -> None:
    """Raise `BadTemplate` for a document with a fault n8n would keep silent about."""
    issues = faults_in(workflow)
    if issues:
        raise refused(f"Workflow '{workflow.get('name')}'", issues)


def _run(rules: Sequence[Callable[..., Iterator[tuple[str, str]]]], *subject: object) -> list[Issue]:
    return [Issue(rule.__name__, where, said) for rule in rules for where, said in rule(*subject)]
