"""Analyse source code, text, images, documents, audio and video."""

from bridge.authoring import Analysed, Analysers, Fetcher, Files, Progress, Roots, Unusable, Wanted, Worktree
from bridge.generated.models.multimodal_analysis import MultimodalAnalysisInput, MultimodalAnalysisOutput
from bridge.steps.multimodal_analysis.answering import answer
from bridge.steps.multimodal_analysis.gathering import Gathered, gathering


async def run(
    given: MultimodalAnalysisInput,
    *,
    analysers: Analysers,
    files: Files,
    roots: Roots,
    fetcher: Fetcher,
    worktree: Worktree,
    progress: Progress,
) -> MultimodalAnalysisOutput:
    """Gather the files of the source, analyse one after the other, and answer with all of it."""
    wanted = wanted_by(given)
    found: list[Analysed] = []
    async with gathering(given, files=files, roots=roots, fetcher=fetcher, worktree=worktree) as gathered:
        for number, subject in enumerate(gathered.subjects):
            progress(number / len(gathered.subjects), f"{number} of {len(gathered.subjects)} files")
            found.append(await analysers.analyse(subject, wanted))
    _refuse_nothing(gathered, found)
    return await answer(given, gathered, found, files)


def wanted_by(given: MultimodalAnalysisInput) -> Wanted:
    """What ``analysis_type`` and the two switches ask for."""
    everything = given.analysis_type == "comprehensive"
    labels: dict[str, str] = {"analysis_type": given.analysis_type}
    if given.workflow_id:
        labels["workflow_id"] = given.workflow_id
    return Wanted(
        security=given.include_security and (everything or given.analysis_type == "security"),
        performance=given.include_performance and (everything or given.analysis_type == "performance"),
        quality=everything or given.analysis_type == "quality",
        content=everything or given.analysis_type == "content",
        question=given.question or "",
        labels={"analysis_type": given.analysis_type}
        | ({"workflow_id": given.workflow_id} if given.workflow_id else {}),
    )


def _refuse_nothing(gathered: Gathered, found: list[Analysed]) -> None:
    """One file of which nothing at all could be read is a problem, not a result."""
    documents = [each for one in found for each in one.documents]
    if len(gathered.subjects) != 1 or len(documents) != 1:
        return
    only = documents[0]
    fatal = {"engine_missing", "unreadable", "unknown_type", "encrypted", "crashed", "too_slow", "too_much_memory"}
    bad = [issue for issue in only.issues if issue.code in fatal]
    if (
        bad
        and not only.segments
        and not found[0].findings
        and not found[0].remote
        and not {"width", "pages"} & only.metadata.keys()
    ):
        raise Unusable(f"{only.uri}: {bad[0].message}", issues=bad)
