"""Every rule of the pack finds what it must and leaves alone what it must."""

import pytest

from bridge.doors.analysers.code.patterns import RULES, find, rules
from bridge.doors.analysers.code.sources import parse

EVERY = [rule for path in sorted(RULES.glob("*.toml")) for rule in rules(path.stem)]
MATCH = [pytest.param(rule, code, id=f"{rule.id}-{number}") for rule in EVERY for number, code in enumerate(rule.match)]
PASS = [pytest.param(rule, code, id=f"{rule.id}-{number}") for rule in EVERY for number, code in enumerate(rule.pass_)]


def tree_of(rule, code):
    return parse(code, rule.id.partition("/")[0]).tree


@pytest.mark.parametrize(("rule", "code"), MATCH)
def test_it_finds_what_it_must(rule, code):
    assert find(rule, tree_of(rule, code))


@pytest.mark.parametrize(("rule", "code"), PASS)
def test_it_leaves_alone_what_it_must(rule, code):
    assert not find(rule, tree_of(rule, code))


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.id)
def test_it_says_what_a_reader_needs(rule):
    assert rule.match
    assert rule.pass_
    assert rule.message.endswith(".")
    assert rule.kind in {"security", "performance", "quality"}
    assert rule.cwe or rule.kind != "security"
    assert 0 < rule.confidence <= 1


def test_rule_names_are_unique():
    assert len({rule.id for rule in EVERY}) == len(EVERY)
