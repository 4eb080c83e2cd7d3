"""Rules about names, order and limits of a template."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from croniter import croniter

from bridge.compiler.naming import RESERVED
from bridge.compiler.reading import near
from bridge.compiler.resolve import APPROVAL, after_of
from bridge.compiler.template import TRIGGERS, Template
from bridge.specs import Catalogue

Found = Iterator[tuple[str, str]]
MOST_TRIES, LONGEST_PAUSE = 5, 5.0


def duplicate_step_id(template: Template, _: Catalogue) -> Found:
    """Two steps with one id could not be told apart by references."""
    seen: set[str] = set()
    for index, step in enumerate(template.steps):
        if step.id in seen:
            yield f"/steps/{index}/id", f"'{step.id}' is the id of an earlier step; every step needs its own."
        seen.add(step.id)


def duplicate_step_name(template: Template, _: Catalogue) -> Found:
    """The name becomes the node's name, and n8n refuses two nodes of one name."""
    seen: set[str] = set()
    for index, step in enumerate(template.steps):
        if step.name in seen:
            yield (
                f"/steps/{index}/name",
                f"'{step.name}' is the name of an earlier step; nodes need names of their own.",
            )
        seen.add(step.name)


def reserved_name(template: Template, _: Catalogue) -> Found:
    """The compiler's own nodes have these names."""
    for index, step in enumerate(template.steps):
        if step.name in RESERVED or step.name.startswith(("Gate: ", "Stopped: ")):
            yield f"/steps/{index}/name", f"'{step.name}' is the name of a node the compiler adds; take another."


def unknown_step_type(template: Template, catalogue: Catalogue) -> Found:
    """A type is a step of the catalogue, an approval or a template."""
    for index, step in enumerate(template.steps):
        if step.type != APPROVAL and step.type not in catalogue:
            hint = near(step.type, [*(spec.name for spec in catalogue), APPROVAL, "template"])
            yield f"/steps/{index}/type", f"there is no step type '{step.type}'. {hint}"


def unknown_trigger(template: Template, _: Catalogue) -> Found:
    """The bridge knows these events and no others."""
    for index, trigger in enumerate(template.all_triggers()):
        if trigger.type not in TRIGGERS:
            yield f"/triggers/{index}", f"there is no trigger '{trigger.type}'. {near(trigger.type, TRIGGERS)}"


def schedule_without_cron(template: Template, _: Catalogue) -> Found:
    """A schedule says when, or it never starts."""
    for index, trigger in enumerate(template.all_triggers()):
        cron = trigger.config.get("cron")
        if trigger.type == "schedule" and (not isinstance(cron, str) or not croniter.is_valid(cron)):
            yield f"/triggers/{index}/config/cron", 'a schedule needs a cron line such as "0 3 * * *".'


def unknown_predecessor(template: Template, _: Catalogue) -> Found:
    """`after` names steps of this template."""
    known = {step.id for step in template.steps}
    for index, step in enumerate(template.steps):
        for name in step.after or []:
            if name not in known:
                yield f"/steps/{index}/after", f"there is no step '{name}'. {near(name, known)}"


def cycle(template: Template, _: Catalogue) -> Found:
    """Steps cannot wait for each other in a circle."""
    known = {step.id for step in template.steps}
    try:
        TopologicalSorter({name: set(after) & known for name, after in after_of(template).items()}).prepare()
    except CycleError as error:
        yield "/steps", f"these steps wait for each other: {' -> '.join(error.args[1])}."


def retry_beyond_n8n(template: Template, _: Catalogue) -> Found:
    """n8n silently cuts retries down to its own limits."""
    for index, step in enumerate(template.steps):
        if step.retry and (step.retry.max_tries > MOST_TRIES or step.retry.wait > LONGEST_PAUSE):
            said = f"n8n tries a node at most {MOST_TRIES} times, at most {LONGEST_PAUSE:g} seconds apart."
            yield f"/steps/{index}/retry", said


RULES = (
    duplicate_step_id,
    duplicate_step_name,
    reserved_name,
    unknown_step_type,
    unknown_trigger,
    schedule_without_cron,
    unknown_predecessor,
    cycle,
    retry_beyond_n8n,
)
