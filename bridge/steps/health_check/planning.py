"""Which looks a request asks for: configured targets, given checks, this machine's resources."""

from collections.abc import Iterator
from dataclasses import replace

from bridge.authoring import Fetcher, InvalidInput, Issue, Target
from bridge.generated.models.health_check import HealthCheckInput, HealthCheckInputChecks
from bridge.steps.health_check.looking import Look

DEPENDENCIES = ("database", "queue", "prometheus")
NEEDED = {"http": ("target", "url"), "tcp": ("target", "host"), "tls": ("host",), "dns": ("host",),
          "database": ("target",), "queue": ("target",), "process": ("host",)}  # fmt: skip


def planned(given: HealthCheckInput, fetcher: Fetcher) -> list[Look]:
    """Every look, names made unique; raise `InvalidInput` with one issue per impossible check."""
    looks = [*_configured(given, fetcher), *_given(given, fetcher), *_resources(given)]
    known = {look.name for look in looks}
    if len(known) < len(looks):
        twice = sorted({look.name for look in looks if [each.name for each in looks].count(look.name) > 1})
        raise InvalidInput(f"Several checks are named {', '.join(twice)}. Give each its own name.")
    further = given.dependencies or {}
    unknown = sorted(({each for names in further.values() for each in names} | set(further)) - known)
    unknown += sorted({each for look in looks for each in look.depends_on} - known)
    if unknown:
        raise InvalidInput(
            f"There are no checks named {', '.join(unknown)} to depend on. There are: {', '.join(sorted(known))}.",
            issues=[Issue("unknown", "/dependencies", f"'{name}' is not a check") for name in unknown],
        )
    return [replace(each, depends_on=(*each.depends_on, *further.get(each.name, ()))) for each in looks]


def _configured(given: HealthCheckInput, fetcher: Fetcher) -> Iterator[Look]:
    if given.check_services:
        for target in fetcher.targets("service"):
            yield Look(target.name, "http", target, None, _declared(target))
    if given.check_dependencies:
        for kind in DEPENDENCIES:
            for target in fetcher.targets(kind):
                yield Look(target.name, "http" if kind == "prometheus" else kind, target, None, _declared(target))


def _declared(target: Target) -> tuple[str, ...]:
    """What a target's options say it depends on, comma-separated."""
    return tuple(each.strip() for each in target.options.get("depends_on", "").split(",") if each.strip())


def _given(given: HealthCheckInput, fetcher: Fetcher) -> Iterator[Look]:
    issues: list[Issue] = []
    for index, check in enumerate(given.checks or []):
        if not any(getattr(check, name) is not None for name in NEEDED[check.kind]):
            needs = " or ".join(NEEDED[check.kind])
            issues.append(Issue("required", f"/checks/{index}", f"a check of kind {check.kind} needs {needs}"))
            continue
        if check.kind in ("tcp", "tls") and check.port is None and check.target is None:
            issues.append(Issue("required", f"/checks/{index}/port", f"a check of kind {check.kind} needs a port"))
            continue
        target = fetcher.target(check.target) if check.target else None
        yield Look(_name(check), check.kind, target, check, tuple(check.depends_on or ()))
    if issues:
        raise InvalidInput("; ".join(f"{each.where}: {each.message}" for each in issues), issues=issues)


def _name(check: HealthCheckInputChecks) -> str:
    address = f"{check.host}:{check.port}" if check.port else check.host
    return check.name or check.target or check.url or address or check.kind


def _resources(given: HealthCheckInput) -> Iterator[Look]:
    if given.check_resources:
        limits = {"cpu": given.max_cpu, "memory": given.max_memory, "disk": given.max_disk}
        for resource, limit in limits.items():
            yield Look(resource, "resource", None, None, (), limit)
