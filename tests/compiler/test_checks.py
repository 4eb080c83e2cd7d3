"""Every named check refuses a bad example, and says where."""

import copy
from itertools import pairwise

import pytest

from bridge.compiler import CODES, TARGETS, compile_template, faults_in, read_template
from bridge.problems import BadTemplate


def spoil(raw, *changes):
    """Return a copy of *raw* with the values at the paths changed."""
    bad = copy.deepcopy(raw)
    for path, value in changes:
        *way, last = path.split("/")
        at = bad
        for part in way:
            at = at[int(part)] if isinstance(at, list) else at.setdefault(part, {})
        if isinstance(at, list):
            at[int(last)] = value
        else:
            at[last] = value
    return bad


def extra(**step):
    return {"id": "more", "name": "More", "type": "tell", **step}


IN_TEMPLATES = {
    "duplicate_step_id": [("steps/1/id", "analyze")],
    "duplicate_step_name": [("steps/1/name", "Analyze")],
    "reserved_name": [("steps/1/name", "Entry Gate")],
    "unknown_step_type": [("steps/1/type", "chekc")],
    "unknown_trigger": [("triggers", ["git_psh"])],
    "schedule_without_cron": [("triggers", [{"type": "schedule", "config": {"cron": "sometimes"}}])],
    "unknown_predecessor": [("steps/1/after", ["analyse"])],
    "cycle": [("steps/0/after", ["tell"])],
    "retry_beyond_n8n": [("steps/0/retry", {"max_tries": 9, "wait": 1})],
    "broken_reference": [("steps/2/config/text", "${{ steps.analyze.summary | upper }}")],
    "unknown_reference": [("steps/2/config/text", "${{ steps.analyse.summary }}")],
    "reference_not_before": [("steps/0/config/text", "${{ steps.tell.sent }}")],
    "unknown_output": [("steps/2/config/text", "${{ steps.analyze.sumary }}")],
    "unknown_condition": [("conditions", {"test_succes_rate": 100})],
    "condition_value": [("conditions", {"test_success_rate": "all"})],
    "bad_rule": [("conditions", {"rules": [{"after": "nothing", "if": "true"}]})],
    "unreadable_cel": [("steps/1/when", "steps.analyze.summary ==")],
    "unknown_step_in_cel": [("steps/1/when", "steps.analyse.summary == ''")],
    "unknown_input": [("steps/0/config/txt", "x")],
    "bad_value": [("steps/1/config/coverage_threshold", 180)],
    "parked_together": [("steps/0/wait", "park"), ("steps/1/after", []), ("steps/2/after", ["analyze", "test"])],
    "wait_on_quick_step": [("steps/2/wait", "park")],
    "result_not_awaited": [("steps/0/wait", "none")],
    "approval_without_end": [("steps/2", {"id": "ask", "name": "Ask", "type": "approval", "on_error": "continue"})],
}
"""Check to what is spoiled in a sound template."""


@pytest.mark.parametrize("code", IN_TEMPLATES)
def test_a_bad_template_is_refused_by_name_and_place(raw, catalogue, code):
    with pytest.raises(BadTemplate) as raised:
        compile_template("key", read_template(spoil(raw, *IN_TEMPLATES[code])), catalogue)
    issue = next(issue for issue in raised.value.issues if issue.code == code)
    assert issue.where.startswith("/")
    assert issue.message.endswith((".", "?"))


@pytest.mark.parametrize("target", TARGETS)
def test_the_sound_template_passes_every_check(raw, catalogue, target):
    document = compile_template("key", read_template(raw), catalogue, target=target).document
    assert faults_in(document) == []


NEAREST = [
    ([("steps/1/type", "chekc")], "Did you mean check"),
    ([("triggers", ["git_psh"])], "Did you mean git_push"),
    ([("conditions", {"test_succes_rate": 100})], "Did you mean test_success_rate"),
    ([("steps/0/config/txt", "x")], "Did you mean text"),
    ([("steps/0/confg", {})], "Did you mean config"),
    ([("trigers", [])], "Did you mean triggers"),
]


@pytest.mark.parametrize(("changes", "hint"), NEAREST, ids=[hint for _, hint in NEAREST])
def test_a_misspelled_name_is_answered_with_the_nearest_one(raw, catalogue, changes, hint):
    with pytest.raises(BadTemplate, match=hint):
        compile_template("key", read_template(spoil(raw, *changes)), catalogue)


def test_all_faults_are_reported_at_once(raw, catalogue):
    bad = spoil(raw, ("steps/1/type", "nothing"), ("triggers", ["never"]))
    with pytest.raises(BadTemplate) as raised:
        compile_template("key", read_template(bad), catalogue)
    assert {issue.code for issue in raised.value.issues} == {"unknown_step_type", "unknown_trigger"}


HTTP = {"name": "H", "type": "n8n-nodes-base.httpRequest", "typeVersion": 4.3, "position": [0, 0]}
START = {
    "name": "W",
    "type": "n8n-nodes-base.webhook",
    "position": [0, 0],
    "parameters": {"path": "p"},
    "webhookId": "i",
}


def flow(*nodes, lines=(), **changes):
    """A workflow of *nodes*, by default in a row."""
    named = [node["name"] for node in nodes]
    connections = {}
    for source, target in lines or pairwise(named):
        connections.setdefault(source, {"main": [[]]})["main"][0].append({"node": target, "type": "main", "index": 0})
    base = {"name": "F", "nodes": list(nodes), "connections": connections, "settings": {"executionOrder": "v1"}}
    return {**base, **changes}


def request(**parameters):
    return {**HTTP, "parameters": parameters}


def question(operation, kind="string"):
    condition = {"leftValue": "={{ 1 }}", "rightValue": "1", "operator": {"type": kind, "operation": operation}}
    return {**HTTP, "name": "Q", "type": "n8n-nodes-base.if", "parameters": {"conditions": {"conditions": [condition]}}}


def plain(name):
    return {**HTTP, "name": name, "type": "n8n-nodes-base.noOp", "parameters": {}}


FORK = [("W", "A"), ("W", "B"), ("A", "C"), ("B", "C")]
IN_DOCUMENTS = {
    "key_n8n_refuses": flow(START, active=False),
    "execution_order_missing": flow(START, settings={}),
    "duplicate_node_name": flow(START, plain("A"), plain("A")),
    "dangling_connection": flow(START, lines=[("W", "Gone")]),
    "trigger_missing": flow({**plain("M"), "type": "n8n-nodes-base.manualTrigger"}),
    "unreachable_node": flow(START, plain("A"), plain("B"), lines=[("W", "A")]),
    "unknown_operator": flow(START, question("equal")),
    "expression_without_equals": flow(START, request(url="http://bridge/{{ $json.id }}")),
    "unknown_parameter": flow(START, request(uri="http://bridge")),
    "environment_access": flow(START, request(url="={{ $env.BRIDGE_URL }}")),
    "node_switched_off": flow(START, {**plain("A"), "type": "n8n-nodes-base.executeCommand"}),
    "joined_without_merge": flow(START, plain("A"), plain("B"), plain("C"), lines=FORK),
    "json_from_text": flow(START, request(jsonBody='={"text": "{{ $json.text }}"}')),
    "respond_missing": flow({**START, "parameters": {"path": "p", "responseMode": "responseNode"}}),
    "webhook_id_missing": flow({key: value for key, value in START.items() if key != "webhookId"}),
}
"""Check to a workflow that n8n would accept without a word."""


@pytest.mark.parametrize("code", IN_DOCUMENTS)
def test_a_fault_n8n_keeps_silent_about_is_named(code):
    assert [issue.code for issue in faults_in(IN_DOCUMENTS[code])] == [code]


def test_every_check_has_a_bad_example():
    assert set(CODES) == {*IN_TEMPLATES, *IN_DOCUMENTS}


SOUND = {
    "a plain request": flow(START, request(url="=http://bridge/{{ $json.id }}", jsonBody="={{ JSON.stringify({}) }}")),
    "a known operator": flow(START, question("equals")),
    "two triggers into one node": flow(START, {**START, "name": "W2"}, plain("A"), lines=[("W", "A"), ("W2", "A")]),
    "both answers of one question": {
        **flow(START, question("equals"), plain("A"), plain("B")),
        "connections": {
            "W": {"main": [[{"node": "Q"}]]},
            "Q": {"main": [[{"node": "A"}], [{"node": "B"}]]},
            "A": {"main": [[{"node": "B"}]]},
        },
    },
    "a loop back": {
        **flow(START, plain("A"), question("equals"), plain("B")),
        "connections": {
            "W": {"main": [[{"node": "A"}]]},
            "A": {"main": [[{"node": "Q"}]]},
            "Q": {"main": [[{"node": "B"}], [{"node": "A"}]]},
        },
    },
    "a merge": flow(START, plain("A"), plain("B"), {**plain("C"), "type": "n8n-nodes-base.merge"}, lines=FORK),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_workflow_is_left_alone(name):
    assert faults_in(SOUND[name]) == []
