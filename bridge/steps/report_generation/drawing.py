"""What is drawn: charts of findings, tests and coverage, and the execution as a diagram; pure descriptions."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bridge.authoring import clean, one_line
from bridge.steps.report_generation.blocks import SEVERITIES, Noted, Part
from bridge.steps.report_generation.gathering import Source
from bridge.steps.report_generation.reading import mapping, objects

COLOURS = {"critical": "#c2185b", "high": "#d9363e", "medium": "#d98200", "low": "#3b78d8", "info": "#7b8794"}
OUTCOMES = {"passed": "#2a9d63", "failed": "#d9363e", "skipped": "#7b8794", "pending": "#7b8794", "other": "#d98200"}
STYLES = {
    "fail": "fill:#fde8e8,stroke:#c4262e,color:#1c2330",
    "pass": "fill:#e3f5ea,stroke:#1a7f4b,color:#1c2330",
    "inconclusive": "fill:#fdf1d8,stroke:#9a6200,color:#1c2330",
    "skipped": "fill:#eceff4,stroke:#5b6576,color:#1c2330",
    "none": "fill:#eef2fb,stroke:#6b7fa8,color:#1c2330",
}
_LONGEST_DIAGRAM = 20_000
_MOST_DIAGRAMS = 12

_AXIS = {"domain": False, "ticks": False, "labelPadding": 10, "labelLimit": 240}
_BARS: dict[str, Any] = {
    "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
    "width": 300,
    "height": {"step": 30},
    "layer": [
        {
            "mark": {"type": "bar", "cornerRadiusEnd": 4, "height": 18},
            "encoding": {"color": {"field": "colour", "type": "nominal", "scale": None}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 7, "fontSize": 13, "fontWeight": 600},
            "encoding": {"text": {"field": "count", "type": "quantitative"}},
        },
    ],
    "config": {
        "background": None,
        "view": {"stroke": None},
        "font": "DejaVu Sans, Verdana, sans-serif",
        "axis": {"labelFontSize": 13},
    },
}


@dataclass(frozen=True)
class Chart:
    """A chart to draw; ``alt`` says what it shows in words."""

    caption: str
    spec: dict[str, Any]
    alt: str


@dataclass(frozen=True)
class Diagram:
    """A Mermaid diagram to draw."""

    caption: str
    source: str
    alt: str


def charts(sources: Sequence[Source], findings: Sequence[Noted]) -> list[Chart]:
    """The charts that have something to show."""
    found = [by_severity(findings), by_file(findings)]
    for source in sources:
        found += [outcomes(source), covered(source)]
    return [each for each in found if each][:8]


def by_severity(findings: Sequence[Noted]) -> Chart | None:
    """How many findings of each severity."""
    count = Counter(each.severity for each in findings)
    rows = [(each, count[each], COLOURS[each]) for each in SEVERITIES]
    return _bars("Findings by severity", rows, "findings") if findings else None


def by_file(findings: Sequence[Noted]) -> Chart | None:
    """The files with most findings, each bar split by nothing: the worst severity gives the colour."""
    files: dict[str, list[Noted]] = {}
    for each in findings:
        uri = one_line(mapping(each.raw.get("place")).get("uri"), 200)
        if uri:
            files.setdefault(uri, []).append(each)
    most = sorted(files.items(), key=lambda pair: -len(pair[1]))[:8]
    rows = [(_tail(uri), len(found), COLOURS[min(found, key=_rank).severity]) for uri, found in most]
    return _bars("Files with most findings", rows, "findings") if len(rows) > 1 else None


def _rank(each: Noted) -> int:
    return SEVERITIES.index(each.severity)


def _tail(path: str) -> str:
    return path if len(path) <= 34 else "…" + path[-33:]


def outcomes(source: Source) -> Chart | None:
    """How a test run's tests ended."""
    totals = mapping(mapping(mapping(source.result.get("ctrf")).get("results")).get("summary"))
    rows = [
        (each, totals[each], colour)
        for each, colour in OUTCOMES.items()
        if isinstance(totals.get(each), int) and totals[each] > 0
    ]
    return _bars(f"Tests of {one_line(source.title, 60)}", rows, "tests") if rows else None


def covered(source: Source) -> Chart | None:
    """The least covered files, on the whole scale from 0 to 100."""
    files = mapping(mapping(source.result.get("coverage")).get("files"))
    shares = [(one_line(path, 200), float(share)) for path, share in files.items() if _is_share(share)]
    least = sorted(shares, key=lambda pair: pair[1])[:8]
    rows = [(_tail(path), round(share, 1), _covered_colour(share)) for path, share in least]
    return _bars("Least covered files", rows, "percent covered", (0, 100)) if len(rows) > 1 else None


def _is_share(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 100


def _covered_colour(share: float) -> str:
    return OUTCOMES["failed"] if share < 50 else OUTCOMES["other"] if share < 80 else OUTCOMES["passed"]


def _bars(
    caption: str, rows: Sequence[tuple[str, float, str]], unit: str, domain: tuple[float, float] | None = None
) -> Chart:
    values = [{"name": name, "count": count, "colour": colour} for name, count, colour in rows]
    top = domain or (0, max(count for _, count, _ in rows) * 1.12 or 1)
    position = {"field": "name", "type": "nominal", "sort": [each["name"] for each in values], "title": None}
    length = {"field": "count", "type": "quantitative", "scale": {"domain": list(top)}, "axis": None}
    spec = {
        **_BARS,
        "data": {"values": values},
        "encoding": {"y": {**position, "axis": _AXIS}, "x": length},
    }
    told = ", ".join(f"{name} {count:g}" for name, count, _ in rows)
    return Chart(caption, spec, f"Bar chart, {unit}: {told}")


def diagrams(sources: Sequence[Source], parts: Sequence[Part]) -> list[Diagram]:
    """The execution as a flow of steps, then the diagrams that results carry themselves."""
    found = [flow(parts)] if len(parts) > 1 else []
    for source in sources:
        found += [
            Diagram(
                one_line(each.get("title") or f"Diagram of {source.title}", 120),
                clean(each["mermaid"], _LONGEST_DIAGRAM),
                one_line(each.get("alt") or each.get("title") or f"Diagram made by {source.title}", 300),
            )
            for each in objects(source.result.get("diagrams"))
            if isinstance(each.get("mermaid"), str) and len(each["mermaid"]) <= _LONGEST_DIAGRAM
        ]
    return found[:_MOST_DIAGRAMS]


def flow(parts: Sequence[Part]) -> Diagram:
    """The steps in the order they ended, coloured by verdict."""
    shown = parts[:12]
    lines = ["flowchart LR" if len(shown) <= 4 else "flowchart TB"]
    lines += [f'    s{number}["{label(part.title)}"]:::{part.verdict or "none"}' for number, part in enumerate(shown)]
    if len(shown) > 1:
        lines.append("    " + " --> ".join(f"s{number}" for number in range(len(shown))))
    lines += [f"    classDef {name} {style}" for name, style in STYLES.items()]
    told = ", then ".join(f"{part.title} ({part.verdict or 'no verdict'})" for part in shown)
    return Diagram("Steps of this execution", "\n".join(lines), told)


def label(text: str) -> str:
    """Return *text* fit to stand between quotes in Mermaid: letters, digits and a few signs."""
    kept = re.sub(r"[^\w .,:/+%()-]", " ", one_line(text, 60))
    return " ".join(kept.split()) or "step"
