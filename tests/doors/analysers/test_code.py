"""Code is judged by rules, flows, complexity and secrets; findings keep their names when lines move."""

import secrets as random

PYTHON = """import os
from flask import request

def view():
    command = request.args.get("c")
    full = "ls " + command
    os.system(full)
    count = int(request.args["n"])
    os.system(f"echo {count}")
"""


def ids(analysed):
    return {each.rule_id for each in analysed.findings}


async def test_python_flows_are_found_with_place_symbol_and_cwe(analyse):
    analysed = await analyse("app.py", PYTHON)
    flow = next(each for each in analysed.findings if each.rule_id == "python/flow-command")
    assert (flow.place.start_line, flow.place.symbol, flow.cwe, flow.place.uri) == (7, "view", ("CWE-78",), "app.py")
    assert analysed.documents[0].metadata["language"] == "python"
    assert "flask" in analysed.documents[0].metadata["imports"]


async def test_findings_keep_their_names_when_lines_move(analyse):
    before = await analyse("app.py", PYTHON)
    after = await analyse("app.py", "# a note\n\n" + PYTHON)
    assert [each.fingerprint for each in before.findings] == [each.fingerprint for each in after.findings]
    assert before.findings[0].place.start_line != after.findings[0].place.start_line


async def test_only_changed_lines_are_judged(analyse):
    assert "python/flow-command" in ids(await analyse("app.py", PYTHON, changed=frozenset({7})))
    assert "python/flow-command" not in ids(await analyse("app.py", PYTHON, changed=frozenset({1, 2})))


async def test_a_diff_is_judged_on_its_added_lines(analyse):
    diff = "--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,3 @@ def f():\n import os\n-a = 1\n+eval(a)\n+a = 2\n"
    analysed = await analyse("change.diff", diff)
    finding = next(each for each in analysed.findings if each.rule_id == "ruff/S307")
    assert (finding.place.uri, finding.place.start_line) == ("x.py", 2)
    assert analysed.documents[0].metadata["files"] == [{"path": "x.py", "added": 2, "removed": 1}]


async def test_the_switches_choose_the_rules(analyse):
    code = "async def f():\n    time.sleep(1)\n    eval(x)\n"
    assert "python/blocking-in-async" not in ids(await analyse("a.py", code, performance=False))
    assert "ruff/S307" not in ids(await analyse("a.py", code, security=False))
    both = ids(await analyse("a.py", code))
    assert {"python/blocking-in-async", "ruff/S307"} <= both or {"ruff/ASYNC251", "ruff/S307"} <= both
    assert ids(await analyse("a.py", code, security=False, performance=False, quality=False)) == set()


async def test_secrets_are_found_and_never_repeated(analyse):
    token = "ghp_" + random.token_hex(18)
    analysed = await analyse("notes.txt", f"my token is {token}\n")
    finding = analysed.findings[0]
    assert finding.rule_id == "secrets/github-token"
    assert token not in finding.message + finding.fingerprint
    clean = await analyse("notes.txt", "password = 'changeme'\ntoken = os.environ['TOKEN']\n")
    assert ids(clean) == set()


async def test_a_tangled_function_is_pointed_at_in_every_language(analyse):
    branches = "".join(f"  if (a == {n}) {{ b = {n}; }}\n" for n in range(14))
    for name, code in (("a.js", f"function f(a) {{\n let b = 0;\n{branches} return b;\n}}\n"),
                       ("A.java", f"class A {{ int f(int a) {{ int b = 0;\n{branches} return b; }} }}\n")):  # fmt: skip
        assert "lizard/complexity" in ids(await analyse(name, code)), name


async def test_code_without_a_name_is_known_by_its_content(analyse):
    assert (await analyse("text", "eval(input())")).documents[0].metadata["language"] == "python"


async def test_symbols_become_segments_that_cover_the_file(analyse):
    document = (await analyse("app.py", PYTHON)).documents[0]
    assert [each.place.symbol for each in document.segments] == [None, "view"]
    assert "".join(each.text for each in document.segments).replace("\n", "") == PYTHON.replace("\n", "")
