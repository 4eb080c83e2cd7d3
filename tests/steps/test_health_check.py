"""health_check."""

from datetime import UTC, datetime, timedelta

import pytest

from bridge.authoring import InvalidInput, Reading, Resources
from bridge.doors.fetcher import Fetched, Target
from bridge.doors.probes.scripted import ScriptedProbes
from bridge.problems import UpstreamFailed


class Services:
    """Configured targets, each with the status it answers; None is no answer at all."""

    def __init__(self, **services):
        self._services = services

    def targets(self, kind=None):
        every = [
            Target(name, "service", f"http://{name}", {}, options) for name, (_, options) in self._services.items()
        ]
        return every if kind == "service" else []

    def target(self, name, kind=None):
        return next(each for each in self.targets("service") if each.name == name)

    async def call(self, target, path="", **_):
        status = self._services[target.name][0]
        if status is None:
            raise UpstreamFailed(f"{target.name} does not answer.")
        return Fetched(target.url, status, {}, b"all is well", "text/plain", 0.02)


DOWN = Reading(ok=False, detail="refused", elapsed=0.0)
WELL = Reading(ok=True, detail="answers", elapsed=0.0)


def outcomes(result):
    return {each["name"]: each["outcome"] for each in result["checks"]}


async def test_every_configured_service_is_looked_at(try_step):
    services = Services(shop=(200, {}), mail=(500, {}), cache=(None, {}))
    result = await try_step("health_check", {}, fetcher=services, probes=ScriptedProbes())
    assert outcomes(result) == {"shop": "pass", "mail": "fail", "cache": "fail"}
    assert result["verdict"] == "fail"
    assert any("HTTP 500" in each["message"] for each in result["reasons"])


async def test_nothing_to_check_is_never_a_pass(try_step):
    result = await try_step("health_check", {}, fetcher=Services(), probes=ScriptedProbes())
    assert result["verdict"] == "inconclusive"
    assert result["reasons"][0]["code"] == "nothing_to_check"


async def test_failures_fold_to_one_root_cause_along_declared_dependencies(try_step):
    services = Services(
        shop=(500, {"depends_on": "orders"}), orders=(503, {"depends_on": "db.local:5432"}), blog=(200, {})
    )
    given = {"checks": [{"kind": "tcp", "host": "db.local", "port": 5432}]}
    probes = ScriptedProbes({"db.local:5432": DOWN})
    result = await try_step("health_check", given, fetcher=services, probes=probes)
    [cause] = result["root_causes"]
    assert cause["name"] == "db.local:5432"
    assert sorted(cause["affects"]) == ["orders", "shop"]


async def test_a_circle_of_dependencies_ends(try_step):
    services = Services(a=(500, {"depends_on": "b"}), b=(500, {"depends_on": "a"}))
    result = await try_step("health_check", {}, fetcher=services, probes=ScriptedProbes())
    assert result["verdict"] == "fail"


@pytest.mark.parametrize(("required", "outcome", "verdict"), [(None, "flapping", "fail"), (2, "pass", "pass")])
async def test_k_of_n_looks_decide(try_step, required, outcome, verdict):
    given = {"check_services": False, "samples": 3, "interval": 0, "checks": [{"kind": "process", "host": "worker"}]}
    if required:
        given["required"] = required
    probes = ScriptedProbes({"worker": [WELL, DOWN, WELL]})
    result = await try_step("health_check", given, fetcher=Services(), probes=probes)
    assert outcomes(result) == {"worker": outcome}
    assert result["verdict"] == verdict


@pytest.mark.parametrize(("days", "outcome"), [(30.0, "pass"), (5.0, "fail")])
async def test_a_certificate_that_ends_soon_fails(try_step, days, outcome):
    given = {"checks": [{"kind": "tls", "host": "example.com", "port": 443, "min_days": 21}]}
    probes = ScriptedProbes(
        {"example.com:443": Reading(ok=True, detail="valid", elapsed=0.1, facts={"days_left": days})}
    )
    result = await try_step("health_check", given, fetcher=Services(), probes=probes)
    assert outcomes(result) == {"example.com:443": outcome}


async def test_resources_over_their_limit_fail_and_name_the_share(try_step):
    probes = ScriptedProbes(resources=Resources(10.0, 97.0, 40.0, 0.2, 1))
    result = await try_step("health_check", {"check_resources": True}, fetcher=Services(), probes=probes)
    assert outcomes(result) == {"cpu": "pass", "memory": "fail", "disk": "pass"}
    assert "97 % used" in result["reasons"][1]["message"]


async def test_a_maintenance_window_excuses_and_is_said(try_step):
    now = datetime.now(UTC)
    window = {
        "start": (now - timedelta(hours=1)).isoformat(),
        "end": (now + timedelta(hours=1)).isoformat(),
        "reason": "upgrade",
    }
    services = Services(shop=(503, {}), blog=(200, {}))
    result = await try_step("health_check", {"maintenance": [window]}, fetcher=services, probes=ScriptedProbes())
    assert outcomes(result) == {"shop": "maintenance", "blog": "pass"}
    assert result["verdict"] == "pass"
    over = {**window, "end": (now - timedelta(minutes=1)).isoformat()}
    result = await try_step("health_check", {"maintenance": [over]}, fetcher=services, probes=ScriptedProbes())
    assert result["verdict"] == "fail"


async def test_only_maintenance_is_not_a_pass(try_step):
    now = datetime.now(UTC)
    window = {"start": (now - timedelta(hours=1)).isoformat(), "end": (now + timedelta(hours=1)).isoformat()}
    result = await try_step(
        "health_check", {"maintenance": [window]}, fetcher=Services(shop=(503, {})), probes=ScriptedProbes()
    )
    assert result["verdict"] == "inconclusive"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"checks": [{"kind": "tcp", "host": "x"}]}, "/checks/0/port"),
        ({"checks": [{"kind": "http"}]}, "/checks/0"),
        ({"dependencies": {"nobody": ["x"]}}, "nobody"),
        (
            {"checks": [{"kind": "process", "host": "a"}, {"kind": "process", "host": "a"}]},
            "Several checks are named a",
        ),
    ],
)
async def test_impossible_checks_are_refused_by_name(try_step, given, named):
    with pytest.raises(InvalidInput, match=named):
        await try_step("health_check", given, fetcher=Services(), probes=ScriptedProbes())


async def test_a_slow_answer_fails_when_a_limit_is_set(try_step):
    given = {"check_services": False, "checks": [{"kind": "http", "target": "shop", "max_seconds": 0.01}]}
    result = await try_step("health_check", given, fetcher=Services(shop=(200, {})), probes=ScriptedProbes())
    assert outcomes(result) == {"shop": "fail"}
