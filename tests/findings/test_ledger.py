"""The ledger's reasoning: new, still open, fixed, reopened, dismissed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bridge.findings.ledger import Seen, compare

DAY = timedelta(days=1)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
A = Seen("a", "py-eval", "high", "eval()", "src/app.py", "src/app.py:3")
B = Seen("b", "py-sql", "high", "query", "src/db.py", "src/db.py:9")
ALL = {"src/app.py", "src/db.py"}


class Branch:
    """A branch whose ledger is kept from run to run."""

    def __init__(self):
        self.known = {}
        self.runs = 0

    def run(self, *seen, looked_at=ALL, execution="", elsewhere=()):
        self.runs += 1
        found = compare(
            self.known.values(), seen, looked_at=looked_at, execution=execution or f"e{self.runs}",
            now=NOW + self.runs * DAY, elsewhere=elsewhere,
        )  # fmt: skip
        self.known.update({each.fingerprint: each for each in found.record})
        return found


def names(found):
    return [each.fingerprint for each in found]


def test_a_finding_is_new_once_and_open_afterwards():
    branch = Branch()
    assert branch.run(A).standings == {"a": "new"}
    assert branch.run(A).standings == {"a": "open"}
    assert branch.known["a"].first_seen == NOW + DAY
    assert branch.known["a"].last_seen == NOW + 2 * DAY


def test_a_finding_that_is_gone_is_fixed_and_told_once():
    branch = Branch()
    branch.run(A, B)
    assert names(branch.run(A).fixed) == ["b"]
    assert names(branch.run(A).fixed) == []


def test_what_was_not_looked_at_is_not_fixed():
    branch = Branch()
    branch.run(A, B)
    assert names(branch.run(A, looked_at={"src/app.py"}).fixed) == []
    assert branch.known["b"].state == "open"


def test_a_finding_that_moved_is_the_same():
    branch = Branch()
    branch.run(A)
    assert branch.run(replace(A, where="src/app.py:90")).standings == {"a": "open"}
    assert branch.known["a"].seen.where == "src/app.py:90"


def test_a_finding_that_comes_back_is_reopened():
    branch = Branch()
    branch.run(A)
    branch.run()
    assert branch.run(A).standings == {"a": "reopened"}
    assert branch.run(A).standings == {"a": "open"}


def test_two_reports_of_one_execution_say_the_same():
    branch = Branch()
    branch.run(A)
    first = branch.run(B, execution="x")
    second = branch.run(B, execution="x")
    assert first.standings == second.standings == {"b": "new"}
    assert names(first.fixed) == names(second.fixed) == ["a"]


def test_what_the_base_branch_has_is_not_new_on_another():
    main, branch = Branch(), Branch()
    main.run(A)
    assert branch.run(A, B, elsewhere=main.known.values()).standings == {"a": "open", "b": "new"}


def test_what_was_dismissed_stays_dismissed():
    branch = Branch()
    branch.run(A)
    branch.known["a"] = replace(branch.known["a"], state="dismissed", dismissed_by="mira", dismissed_why="test code")
    found = branch.run(A)
    assert found.standings == {"a": "dismissed"}
    assert [each.dismissed_by for each in found.dismissed] == ["mira"]
