"""Input and output of `health_check`, generated from node_specs/health_check.json.

Do not edit; run `bridge generate`.
"""

from typing import Any, Literal

from pydantic import Field

from bridge.authoring import StepModel, StepResult
from bridge.generated.models.shapes import Reason, Verdict

__all__ = ["HealthCheckInput", "HealthCheckOutput", "Any", "Field", "Literal", "StepModel"]


class HealthCheckInputChecks(StepModel):
    name: str | None = Field(default=None, min_length=1, max_length=100, description='Name in the result; the address when absent')
    kind: Literal['http', 'tcp', 'tls', 'dns', 'database', 'queue', 'process'] = Field(description='What to look at')
    target: str | None = Field(default=None, description='Name of a configured target')
    url: str | None = Field(default=None, description='Address for http')
    host: str | None = Field(default=None, max_length=253, description='Host for tcp, tls and dns; name of the process for process')
    port: int | None = Field(default=None, ge=1, le=65535, description='Port for tcp and tls')
    record: Literal['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT'] = Field(default='A', description='Kind of record for dns')
    status: int | None = Field(default=None, ge=100, le=599, description='Expected HTTP status; any 2xx when absent')
    body: str | None = Field(default=None, description='Text the answer must contain')
    max_seconds: float | None = Field(default=None, ge=0.001, le=60, description='Slowest acceptable answer in seconds')
    min_days: float = Field(default=14, ge=0, le=3650, description='Fewest days a certificate must still be valid')
    depends_on: list[str] | None = Field(default=None, description='Names of checks without which this one cannot pass')


class HealthCheckInputMaintenance(StepModel):
    start: str = Field(description='Start of the window')
    end: str = Field(description='End of the window')
    checks: list[str] | None = Field(default=None, description='Names of the checks it covers; all when absent')
    reason: str | None = Field(default=None, description='Why')


class HealthCheckInput(StepModel):
    check_services: bool = Field(default=True, description='Whether to check every configured target of kind service')
    check_dependencies: bool = Field(default=True, description='Whether to check every configured database, queue and metrics source')
    check_resources: bool = Field(default=False, description="Whether to check processor, memory and disk of the bridge's machine")
    checks: list[HealthCheckInputChecks] | None = Field(default=None, max_length=200, description='Further checks of your own')
    dependencies: dict[str, list[str]] | None = Field(default=None, description='For each check the names of those it depends on')
    samples: int = Field(default=1, ge=1, le=20, description='How often to look')
    required: int | None = Field(default=None, ge=1, le=20, description='How many looks must succeed; all of them when absent')
    interval: float = Field(default=1, ge=0, le=60, description='Seconds between looks')
    timeout: float = Field(default=10, ge=0.1, le=60, description='Seconds to wait for each answer')
    max_cpu: float = Field(default=95, ge=1, le=100, description='Most processor use in percent')
    max_memory: float = Field(default=95, ge=1, le=100, description='Most memory use in percent')
    max_disk: float = Field(default=95, ge=1, le=100, description='Most disk use in percent')
    maintenance: list[HealthCheckInputMaintenance] | None = Field(default=None, max_length=100, description='Windows in which failures are expected')


class HealthCheckOutputChecks(StepModel):
    name: str = Field(description='The check')
    kind: str = Field(description='What was looked at')
    outcome: Literal['pass', 'fail', 'flapping', 'maintenance'] = Field(description='How it ended')
    detail: str = Field(description='What was found')
    seconds: float | None = Field(default=None, description='Time of the last look')
    passed: int | None = Field(default=None, description='Looks that succeeded')
    samples: int | None = Field(default=None, description='Looks in all')
    caused_by: list[str] | None = Field(default=None, description='Root causes this failure comes from')
    facts: dict[str, Any] | None = Field(default=None, description='Measured facts such as days_left')


class HealthCheckOutputRootCauses(StepModel):
    name: str = Field(description='The check that failed')
    detail: str = Field(description='What was found')
    affects: list[str] = Field(description='Checks that failed because of it')


class HealthCheckOutput(StepResult):
    verdict: Verdict = Field()
    reasons: list[Reason] = Field(description='Why, clause by clause')
    checks: list[HealthCheckOutputChecks] = Field(description='Every check with its outcome')
    root_causes: list[HealthCheckOutputRootCauses] = Field(description='Failures that no other failure explains, with what they affect')
