"""From what the analysers found to the step's output."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bridge.authoring import Analysed, Document, Files, Finding, Issue, sarif, shape_of, worst_first
from bridge.generated.models.multimodal_analysis import MultimodalAnalysisInput, MultimodalAnalysisOutput
from bridge.generated.models.shapes import Analysis
from bridge.steps.multimodal_analysis.gathering import Gathered

MAX_FINDINGS = 2_000
MAX_TEXT = 4_000_000


async def answer(
    given: MultimodalAnalysisInput, gathered: Gathered, found: Sequence[Analysed], files: Files
) -> MultimodalAnalysisOutput:
    """Put documents, findings and numbers together."""
    documents = [document for each in found for document in each.documents]
    findings = worst_first(finding for each in found for finding in each.findings)
    issues = list(gathered.issues)
    if given.include_sarif:
        raw = json.dumps(sarif(findings), ensure_ascii=False, indent=1).encode()
        await files.write("findings.sarif", raw, "application/sarif+json")
    metrics = _metrics(documents, findings) | gathered.revision
    if len(findings) > MAX_FINDINGS:
        issues.append(
            Issue(
                "cut", gathered.name or "text", f"Only the worst {MAX_FINDINGS} of {len(findings)} findings are shown."
            )
        )
    analysis = Analysis.model_validate(
        {
            "findings": shape_of(findings[:MAX_FINDINGS]),
            "documents": shape_of(_within(documents, issues)),
            "metrics": metrics,
        }
    )
    remote = [dict(each.remote) for each in found if each.remote]
    return MultimodalAnalysisOutput(
        analysis=analysis,
        multimodal_result=_together(remote),
        file_path=given.file_path or given.url or gathered.name or None,
        degraded=shape_of(list(dict.fromkeys(one for each in found for one in each.degraded))),
        issues=shape_of(issues),
    )


def _together(remote: list[dict[str, Any]]) -> dict[str, Any] | None:
    if not remote:
        return None
    return remote[0] if len(remote) == 1 else {"answers": remote}


def _within(documents: list[Document], issues: list[Issue]) -> list[Document]:
    """Keep an answer's text within what a workflow engine can carry."""
    left = MAX_TEXT
    kept: list[Document] = []
    for each in documents:
        left -= sum(len(segment.text) for segment in each.segments)
        if left < 0:
            issues.append(
                Issue(
                    "cut",
                    each.uri,
                    f"The text of {len(documents) - len(kept)} documents is left out: the answer is full.",
                )
            )
            break
        kept.append(each)
    bare = [replace(each, segments=()) for each in documents[len(kept) :]]
    return [*kept, *bare]


def _metrics(documents: Sequence[Document], findings: Sequence[Finding]) -> dict[str, Any]:
    severities = Counter(each.severity for each in findings)
    segments = [segment for each in documents for segment in each.segments]
    return {
        "documents": len(documents),
        "segments": len(segments),
        "characters": sum(len(each.text) for each in segments),
        "findings": len(findings),
        "by_severity": {name: severities.get(name, 0) for name in ("critical", "high", "medium", "low", "info")},
        "by_media_type": dict(Counter(each.media_type for each in documents)),
        "issues": sum(len(each.issues) for each in documents),
    }
