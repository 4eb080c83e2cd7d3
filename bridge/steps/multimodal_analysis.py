"""Analyse source code, text, images, documents, audio and video."""

from hashlib import sha256

from bridge.authoring import Unavailable
from bridge.generated.models.multimodal_analysis import MultimodalAnalysisInput, MultimodalAnalysisOutput
from bridge.generated.models.shapes import Analysis, Document, Place, Segment


async def run(given: MultimodalAnalysisInput) -> MultimodalAnalysisOutput:
    """Return the content of a text; every other source is not wired yet."""
    if given.text is None:
        raise Unavailable("Only the source Text can be analyzed by this version.")
    raw = given.text.encode()
    segment = Segment(
        id="0",
        modality="text",
        kind="text",
        text=given.text,
        place=Place(start_line=1, end_line=given.text.count("\n") + 1),
    )
    document = Document(
        id=sha256(raw).hexdigest(), uri="text", media_type="text/plain", size=len(raw), metadata={},
        segments=[segment], issues=[],
    )  # fmt: skip
    return MultimodalAnalysisOutput(analysis=Analysis(findings=[], documents=[document], metrics={"documents": 1}))
