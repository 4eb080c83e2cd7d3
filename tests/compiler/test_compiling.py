"""From template to document: what stands where, and that it is the same every time."""

import json
from pathlib import Path

import pytest

from bridge.compiler import TARGETS, Binding, Credential, compile_template, faults_in, overlaps, read_template
from bridge.problems import InvalidInput, Unusable

each_target = pytest.mark.parametrize("target", TARGETS)
BINDING = Binding("http://bridge:8007/", Credential("c1", "Bridge"), path_secret="secret")


@pytest.fixture
def build(catalogue):
    def compile_raw(raw, target="nodes", **options):
        return compile_template("key", read_template(raw), catalogue, target=target, binding=BINDING, **options)

    return compile_raw


def node(compiled, name):
    return next(each for each in compiled.document["nodes"] if each["name"] == name)


def targets_of(compiled, name):
    return [[each["node"] for each in output] for output in compiled.document["connections"][name]["main"]]


@each_target
def test_the_same_input_gives_the_same_bytes(build, raw, target):
    first, second = build(raw, target), build(json.loads(json.dumps(raw)), target)
    assert first.text() == second.text()
    assert first.digest == second.digest


def test_another_configuration_binding_or_key_gives_other_bytes(build, raw, catalogue):
    digests = {
        build(raw).digest,
        build(raw, "http").digest,
        build(raw, config={"mode": "deep"}).digest,
        compile_template("other", read_template(raw), catalogue, binding=BINDING).digest,
        compile_template("key", read_template(raw), catalogue, binding=Binding("http://elsewhere")).digest,
    }
    assert len(digests) == 5


@each_target
def test_every_trigger_leads_to_the_gate_that_claims_and_to_a_question(build, raw, target):
    compiled = build(raw, target)
    assert targets_of(compiled, "When the Bridge Calls") == targets_of(compiled, "Run by Hand") == [["Entry Gate"]]
    assert targets_of(compiled, "Entry Gate") == [["Conditions Met?"]]
    assert targets_of(compiled, "Conditions Met?")[1] == ["Conditions Not Met"]


@each_target
def test_settings_are_what_watching_needs(build, raw, target):
    settings = build(raw, target).document["settings"]
    assert settings["executionOrder"] == "v1"
    assert settings["saveExecutionProgress"] is True
    assert "errorWorkflow" not in settings


def test_the_error_workflow_is_named_when_there_is_one(raw, catalogue):
    binding = Binding(error_workflow="w9", execution_timeout=1800)
    settings = compile_template("key", read_template(raw), catalogue, binding=binding).document["settings"]
    assert (settings["errorWorkflow"], settings["executionTimeout"]) == ("w9", 1800)


def test_the_webhook_cannot_be_guessed_without_the_secret(raw, catalogue):
    template = read_template(raw)
    paths = {
        compile_template(key, template, catalogue, target="http", binding=Binding(path_secret=secret)).webhook
        for key in ("a", "b")
        for secret in ("one", "two")
    }
    assert len(paths) == 4
    assert all(len(path) >= 43 for path in paths)


def test_our_nodes_carry_the_credential_and_their_version(build, raw):
    compiled = build(raw)
    ours = [each for each in compiled.document["nodes"] if each["type"].startswith("n8n-nodes-multimodal-bridge.")]
    assert len(ours) == 5
    assert all(each["credentials"] == {"multimodalBridgeApi": {"id": "c1", "name": "Bridge"}} for each in ours)
    assert all(each["typeVersion"] == 1 for each in ours)


def test_a_reference_is_a_visible_expression_on_the_nodes_name(build, raw):
    assert node(build(raw), "Tell")["parameters"]["additionalOptions"]["text"] == (
        '={{ $("Analyze").first().json?.summary }}'
    )


def test_a_reference_inside_text_keeps_the_text(build, raw):
    raw["steps"][2]["config"]["text"] = "Found: ${{ steps.analyze.summary }} on ${{ event.branch }}!"
    assert node(build(raw), "Tell")["parameters"]["additionalOptions"]["text"] == (
        '=Found: {{ $("Analyze").first().json?.summary }} on {{ $("Entry Gate").first().json.event?.branch }}!'
    )


@pytest.mark.parametrize(
    "text", ['a "quoted" word', "={{ $env.SECRET }}", "{{ 1 + 1 }}", "}} {{", "back\\slash", "=", "ü\n"]
)
@each_target
def test_text_stays_text_whatever_it_holds(build, raw, target, text):
    raw["steps"][2]["config"]["text"] = text
    raw["steps"][0]["config"]["labels"] = {"label": text}
    compiled = build(raw, target)
    assert faults_in(compiled.document) == []
    assert "$env.SECRET }}" not in compiled.text()


def test_what_nobody_wrote_down_comes_from_the_event(build, raw):
    del raw["steps"][1]["config"]["repository"]
    compiled = build(raw)
    assert node(compiled, "Test")["parameters"]["repository"] == (
        '={{ $("Entry Gate").first().json.event?.repository?.clone_url }}'
    )
    needs = node(compiled, "Entry Gate")["parameters"]["additionalOptions"]["needs"]["values"]
    assert needs == [{"step": "Test", "input": "repository", "path": "repository.clone_url"}]


def test_a_parameter_of_the_same_name_stands_in_for_the_event(build, raw):
    del raw["steps"][1]["config"]["repository"]
    raw["params"] = {"repository": {"type": "string", "default": "https://example.com/r.git"}}
    compiled = build(raw)
    assert node(compiled, "Test")["parameters"]["repository"].endswith('?? "https://example.com/r.git" }}')
    assert "needs" not in node(compiled, "Entry Gate")["parameters"]["additionalOptions"]


def test_what_nothing_can_give_is_named_with_three_ways_to_give_it(build, raw):
    raw["steps"].append({"id": "ship", "name": "Ship", "type": "ship", "config": {}})
    with pytest.raises(Unusable) as raised:
        build(raw)
    message = str(raised.value)
    assert "'Ship' needs environment" in message
    assert all(way in message for way in ("step's config", "template parameter", "event"))


def test_configuration_goes_to_every_step_that_has_the_key(build, raw):
    compiled = build(raw, config={"mode": "deep", "test": {"coverage_threshold": 85}})
    assert node(compiled, "Analyze")["parameters"]["mode"] == "deep"
    assert node(compiled, "Test")["parameters"]["additionalOptions"]["coverage_threshold".replace("_t", "T")] == 85


@pytest.mark.parametrize(
    ("config", "hint"),
    [
        ({"coverage_treshold": 85}, "coverage_threshold"),
        ({"test": {"kind": ["unit"]}}, "kinds"),
        ({"params": {"branch": "x"}}, "There are none"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_name(build, raw, config, hint):
    with pytest.raises(InvalidInput, match=hint):
        build(raw, config=config)


def test_a_parameter_of_the_wrong_type_is_refused(build, raw):
    raw["params"] = {"depth": {"type": "integer", "default": 1}}
    with pytest.raises(InvalidInput, match="must be of type integer"):
        build(raw, config={"depth": "deep"})


def test_a_condition_becomes_a_gate_behind_the_step_that_decides_it(build, raw):
    raw["conditions"] = {"file_types": ["py"], "test_success_rate": 100}
    compiled = build(raw)
    gate = node(compiled, "Gate: Test")["parameters"]["additionalOptions"]
    assert gate["clauses"]["values"] == [
        {"code": "test_success_rate", "cel": "result.test_success_rate >= value", "value": "100"}
    ]
    assert gate["sources"] == '{"test": "node:Test"}'
    assert targets_of(compiled, "Go On After Test?") == [["Tell"], ["Stopped: Test"]]
    entry = node(compiled, "Entry Gate")["parameters"]["additionalOptions"]
    assert entry["conditions"] == '{"file_types": ["py"]}'


def test_a_deployment_is_always_gated_by_the_verdicts_before_it(build, raw):
    raw["steps"][2] = {"id": "ship", "name": "Ship", "type": "ship", "config": {"environment": "staging"}}
    gate = node(build(raw), "Gate: Test")["parameters"]["additionalOptions"]
    assert gate["clauses"]["values"][0]["cel"] == "result.verdict == value"


def test_a_deployment_that_asks_for_a_failure_itself_is_not_gated_by_it(build, raw):
    when = "steps.test.verdict == 'fail'"
    raw["steps"][2] = {"id": "ship", "name": "Back", "type": "ship", "config": {"environment": "staging"}, "when": when}
    assert "Gate: Test" not in build(raw).document["connections"]


def test_steps_that_wait_for_the_same_one_run_together(build, raw):
    raw["steps"][1]["after"] = []
    raw["steps"][2]["after"] = ["analyze", "test"]
    compiled = build(raw)
    assert node(compiled, "Analyze")["parameters"]["waitMode"] == "none"
    assert node(compiled, "Collect Runs")["parameters"]["runIds"] == (
        '={{ [$("Analyze").first().json.run_id, $("Test").first().json.run_id] }}'
    )
    tell = node(compiled, "Tell")
    assert tell["executeOnce"] is True
    assert tell["parameters"]["additionalOptions"]["text"] == '={{ $("Collect Runs").all()[0]?.json?.summary }}'


def test_over_http_all_are_started_before_any_is_waited_for(build, raw):
    raw["steps"][1]["after"] = []
    raw["steps"][2]["after"] = ["analyze", "test"]
    compiled = build(raw, "http")
    assert targets_of(compiled, "Start: Analyze") == [["Start: Test"]]
    assert targets_of(compiled, "Start: Test") == [["Wait: Analyze"]]


def test_an_optional_step_is_a_branch_that_others_go_past(build, raw):
    raw["steps"][1] |= {"when": "steps.analyze.summary != ''"}
    raw["steps"][2]["config"]["text"] = "${{ steps.test.verdict }}"
    compiled = build(raw)
    assert targets_of(compiled, "Run Test?") == [["Test"], ["Tell"]]
    assert node(compiled, "Test")["position"][1] < node(compiled, "Tell")["position"][1]
    text = node(compiled, "Tell")["parameters"]["additionalOptions"]["text"]
    assert text == '={{ ($("Test").isExecuted ? $("Test").first().json?.verdict : undefined) }}'


def test_neighbours_under_one_condition_share_one_branch(build, raw):
    raw["steps"][1] |= {"when": "event.forced"}
    raw["steps"][2] |= {"when": "event.forced"}
    compiled = build(raw)
    assert targets_of(compiled, "Run Test?") == [["Test"], []] or targets_of(compiled, "Run Test?") == [["Test"]]
    assert targets_of(compiled, "Test") == [["Tell"]]


def test_timeouts_retries_and_errors_reach_the_node(build, raw):
    raw["steps"][1] |= {"timeout": 90, "retry": {"max_tries": 3, "wait": 2.5}, "on_error": "continue"}
    test = node(build(raw), "Test")
    assert test["parameters"]["additionalOptions"]["maxWait"] == 90
    assert (test["retryOnFail"], test["maxTries"], test["waitBetweenTries"]) == (True, 3, 2500)
    assert test["onError"] == "continueRegularOutput"


def test_over_http_a_long_step_is_started_polled_and_its_failure_told(build, raw):
    compiled = build(raw, "http")
    assert targets_of(compiled, "Ended? Analyze") == [["Analyze"], ["Failed: Analyze"], ["Wait: Analyze"]]
    start = node(compiled, "Start: Analyze")["parameters"]
    headers = {each["name"]: each["value"] for each in start["headerParameters"]["parameters"]}
    assert headers["Prefer"] == "respond-async"
    assert headers["Idempotency-Key"].startswith("={{ $execution.id }}-Analyze-")
    assert start["url"] == "http://bridge:8007/v1/steps/analyze"
    wait = node(compiled, "Wait: Analyze")["parameters"]
    assert wait["url"] == '=http://bridge:8007/v1/runs/{{ $("Start: Analyze").first().json.id }}'
    assert "$json.error?.message" in node(compiled, "Failed: Analyze")["parameters"]["errorMessage"]


def test_a_parked_step_gives_the_bridge_a_way_back(build, raw):
    raw["steps"][0]["wait"] = "park"
    assert node(build(raw), "Analyze")["parameters"]["waitMode"] == "park"
    compiled = build(raw, "http")
    headers = node(compiled, "Start: Analyze")["parameters"]["headerParameters"]["parameters"]
    assert {"name": "X-Callback-Url", "value": "={{ $execution.resumeUrl }}"} in headers
    assert targets_of(compiled, "Pause: Analyze") == [["Wait: Analyze"]]


@each_target
def test_a_person_approves_or_the_workflow_ends(build, raw, target):
    ask = {"id": "ask", "name": "Ask a Person", "type": "approval", "config": {"message": "Go?", "timeout": 3600}}
    raw["steps"].insert(2, ask)
    compiled = build(raw, target)
    assert node(compiled, "Ask a Person")["parameters"]["resumeAmount"] == 60
    assert targets_of(compiled, "Approved: Ask a Person?") == [["Tell"], ["Stopped: Ask a Person"]]


def test_a_template_may_hold_another_one(build, raw):
    inner = read_template(
        {
            "name": "Inner",
            "triggers": ["manual"],
            "params": {"what": {"type": "string"}},
            "steps": [{"id": "say", "name": "Say", "type": "tell", "config": {"text": "${{ params.what }}"}}],
        }
    )
    sub = {"template": "inner", "params": {"what": "${{ steps.analyze.summary }}"}}
    raw["steps"][1] = {"id": "sub", "name": "Sub", "type": "template", "config": sub}
    raw["steps"][2]["config"]["text"] = "${{ steps.sub.sent }}"
    compiled = build(raw, library={"inner": inner})
    said = node(compiled, "Sub: Say")["parameters"]["additionalOptions"]["text"]
    assert said == '={{ $("Analyze").first().json?.summary }}'
    assert "Sub: Say" in node(compiled, "Tell")["parameters"]["additionalOptions"]["text"]


@each_target
def test_nodes_do_not_cover_each_other(build, raw, target):
    raw["steps"][1] |= {"when": "event.forced"}
    raw["conditions"] = {"test_success_rate": 100, "min_changes": 1}
    nodes = build(raw, target).document["nodes"]
    assert overlaps(nodes) == []
    spoiled = [{**each, "position": nodes[1]["position"]} for each in nodes]
    assert overlaps(spoiled)


@each_target
def test_time_runs_to_the_right(build, raw, target):
    document = build(raw, target).document
    left = {each["name"]: each["position"][0] for each in document["nodes"]}
    forward = [
        left[source] < left[each["node"]]
        for source, kinds in document["connections"].items()
        for output, targets in enumerate(kinds["main"])
        for each in targets
        if not (source.startswith("Ended?") and output == 2)
    ]
    assert all(forward)


def test_the_note_says_what_it_does_and_needs(build, raw):
    del raw["steps"][1]["config"]["repository"]
    raw |= {"conditions": {"min_changes": 2}, "tested_with": ["2.40.7"]}
    content = node(build(raw), "About This Workflow")["parameters"]["content"]
    for expected in ("## Sound", "git_push", "1. Analyze", "min_changes: 2", "repository.clone_url", "2.40.7"):
        assert expected in content


def test_the_bridge_learns_which_node_holds_which_result(build, raw):
    compiled = build(raw, "http")
    assert [(step.id, step.type, step.node) for step in compiled.steps] == [
        ("analyze", "analyze", "Analyze"),
        ("test", "check", "Test"),
        ("tell", "tell", "Tell"),
    ]
    assert compiled.webhook == node(compiled, "When the Bridge Calls")["parameters"]["path"]


GOLDEN = Path(__file__).parent / "golden"


@each_target
def test_the_whole_document_is_as_it_was(build, raw, target, request):
    raw["steps"][1] |= {"when": "event.forced"}
    raw["conditions"] = {"test_success_rate": 100, "min_changes": 1}
    path = GOLDEN / f"sound.{target}.json"
    text = build(raw, target).text()
    if request.config.getoption("--regenerate"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")
