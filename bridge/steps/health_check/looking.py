"""One look at one thing."""

from dataclasses import dataclass, replace

from bridge.authoring import Fetched, Fetcher, Forbidden, Probes, Problem, Reading, Target
from bridge.generated.models.health_check import HealthCheckInputChecks


@dataclass(frozen=True)
class Look:
    """What to look at: a configured target, or a given check; ``limit`` is a resource's highest percent."""

    name: str
    kind: str
    target: Target | None
    given: HealthCheckInputChecks | None
    depends_on: tuple[str, ...] = ()
    limit: float = 100.0


async def looks_at(look: Look, fetcher: Fetcher, probes: Probes, timeout: float) -> Reading:
    """Look once; only a refused address is a problem, everything else is a reading."""
    if look.kind == "resource":
        return await _resource(look, probes)
    if look.kind == "http":
        return await _http(look, fetcher, timeout)
    reading = await _other(look, probes, timeout)
    return _within(look, reading)


async def _other(look: Look, probes: Probes, timeout: float) -> Reading:
    given, target = look.given, look.target
    if look.kind in ("database", "queue") and target is not None:
        return await probes.database(target, timeout=timeout)
    if look.kind == "tcp" and target is not None:
        return await probes.target(target, timeout=timeout)
    host, port = (given.host or "", given.port or 0) if given else ("", 0)
    if look.kind == "tcp":
        return await probes.tcp(host, port, timeout=timeout)
    if look.kind == "dns":
        return await probes.dns(host, given.record if given else "A", timeout=timeout)
    if look.kind == "process":
        return await probes.process(host)
    reading = await probes.tls(host, port, timeout=timeout)
    days, fewest = float(reading.facts.get("days_left", 0.0)), given.min_days if given else 14.0
    if reading.ok and days < fewest:
        return replace(
            reading, ok=False, detail=f"The certificate ends in {days:.1f} days; at least {fewest:g} are required."
        )
    return reading


async def _http(look: Look, fetcher: Fetcher, timeout: float) -> Reading:
    given = look.given
    try:
        if look.target is not None:
            path = look.target.options.get("health_path", "")
            answer = await fetcher.call(look.target, path, timeout=timeout, max_bytes=2_000_000)
        else:
            answer = await fetcher.fetch(given.url or "" if given else "", timeout=timeout, max_bytes=2_000_000)
    except Forbidden:
        raise
    except Problem as problem:
        return Reading(ok=False, detail=str(problem), elapsed=timeout)
    return _within(look, _judged(answer, given))


def _judged(answer: Fetched, given: HealthCheckInputChecks | None) -> Reading:
    facts: dict[str, float | str] = {"status": float(answer.status)}
    expected = given.status if given else None
    if (answer.status != expected) if expected else not 200 <= answer.status < 300:
        wanted = str(expected) if expected else "2xx"
        return Reading(
            ok=False, detail=f"HTTP {answer.status} instead of {wanted}.", elapsed=answer.elapsed, facts=facts
        )
    if given and given.body and given.body.encode() not in answer.body:
        return Reading(
            ok=False, detail="The answer does not contain the expected text.", elapsed=answer.elapsed, facts=facts
        )
    return Reading(
        ok=True, detail=f"HTTP {answer.status} in {answer.elapsed * 1000:.0f} ms.", elapsed=answer.elapsed, facts=facts
    )


def _within(look: Look, reading: Reading) -> Reading:
    slowest = look.given.max_seconds if look.given else None
    if reading.ok and slowest is not None and reading.elapsed > slowest:
        return replace(
            reading, ok=False, detail=f"Answered in {reading.elapsed:.3f} s; at most {slowest:g} s are allowed."
        )
    return reading


async def _resource(look: Look, probes: Probes) -> Reading:
    now = await probes.resources()
    used = {"cpu": now.cpu, "memory": now.memory, "disk": now.disk}[look.name]
    detail = f"{used:.0f} % used, at most {look.limit:g} % allowed."
    return Reading(ok=used <= look.limit, detail=detail, elapsed=0.0, facts={"used": used})
