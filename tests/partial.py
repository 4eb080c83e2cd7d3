"""Which tests run here: all of them, or with --partial those this machine can run, and then it is said and told by exit code 3.

Benchmarks and soak tests run only when a marker expression asks for them.
"""

from collections.abc import Iterator

import pytest

from bridge.local.parts import PARTS

ON_REQUEST = ("bench", "soak")
RAN_IN_PART = 3
left_out = pytest.StashKey[dict[str, int]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--partial", action="store_true", help="Leave out tests this machine has no parts for, and exit with 3."
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    config.stash[left_out] = {}
    away = list(_on_request(config, items))
    if config.getoption("--partial"):
        away += _impossible(config, items)
    if away:
        gone = set(away)
        items[:] = [item for item in items if item not in gone]
        config.hook.pytest_deselected(items=away)


def _on_request(config: pytest.Config, items: list[pytest.Item]) -> Iterator[pytest.Item]:
    asked = str(config.getoption("-m") or "")
    for item in items:
        if any(item.get_closest_marker(word) and word not in asked for word in ON_REQUEST):
            yield item


def _impossible(config: pytest.Config, items: list[pytest.Item]) -> Iterator[pytest.Item]:
    absent = {part.marker: part for part in PARTS if part.marker and not part.found()}
    for item in items:
        marks = [mark.name for mark in item.iter_markers() if mark.name in absent]
        if marks:
            reason = f"{absent[marks[0]].name} is missing ({absent[marks[0]].cure})"
            config.stash[left_out][reason] = config.stash[left_out].get(reason, 0) + 1
            yield item


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    reasons = config.stash.get(left_out, {})
    if reasons:
        terminalreporter.section("not run on this machine")
        for reason, count in sorted(reasons.items()):
            terminalreporter.line(f"{count} test(s): {reason}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.stash.get(left_out, {}) and session.exitstatus == 0:
        session.exitstatus = RAN_IN_PART
