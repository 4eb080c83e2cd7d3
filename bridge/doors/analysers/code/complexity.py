"""Complexity of functions in every language, by lizard."""

import lizard

from bridge.doors.analysers.code.sources import Source
from bridge.doors.analysers.code.spots import Spot
from bridge.doors.analysers.tasks import Found
from bridge.findings import Fix, Severity

EXTENSIONS = {
    "python": "py", "javascript": "js", "jsx": "jsx", "typescript": "ts", "tsx": "tsx", "go": "go", "java": "java",
    "rust": "rs", "c": "c", "cpp": "cpp", "csharp": "cs", "php": "php", "ruby": "rb", "kotlin": "kt",
    "swift": "swift", "scala": "scala",
}  # fmt: skip
COMPLEX, TANGLED, LONG, MANY = 10, 25, 120, 7


def complexity(source: Source, found: Found) -> list[Spot]:
    """Point at functions that are too complex, too long or take too much; add the totals to the facts."""
    extension = EXTENSIONS.get(source.language)
    if extension is None:
        return []
    functions = lizard.analyze_file.analyze_source_code(f"source.{extension}", source.text).function_list
    if functions:
        numbers = [each.cyclomatic_complexity for each in functions]
        found.metadata.update(functions=len(functions), max_complexity=max(numbers))
        found.metadata["mean_complexity"] = round(sum(numbers) / len(numbers), 2)
    return [spot for each in functions for spot in _judge(each)]


def _judge(function: lizard.FunctionInfo) -> list[Spot]:
    name, paths = function.name, function.cyclomatic_complexity
    place = (function.start_line, function.start_line)
    spots = []
    if paths > COMPLEX:
        severity: Severity = "medium" if paths > TANGLED else "low"
        spots.append(Spot(
            "lizard/complexity", severity, 0.9,
            f"{name} has {paths} independent paths; more than {COMPLEX} are hard to test.",
            *place, help="Every path wants a test, and readers must hold all of them in mind.",
            fix=Fix("Move branches into functions of their own, or replace them by a table."), snippet=name,
        ))  # fmt: skip
    if function.nloc > LONG:
        spots.append(Spot(
            "lizard/length", "low", 0.9,
            f"{name} has {function.nloc} lines of code; more than {LONG} hide their structure.",
            *place, fix=Fix("Split it where its comments or blank lines already do."), snippet=name,
        ))  # fmt: skip
    if len(function.parameters) > MANY:
        spots.append(Spot(
            "lizard/parameters", "info", 0.8, f"{name} takes {len(function.parameters)} parameters.",
            *place, fix=Fix("Pass what belongs together as one value."), snippet=name,
        ))  # fmt: skip
    return spots
