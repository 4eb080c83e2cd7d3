"""Draw a report's pictures in the press; what cannot be drawn is left out and said so."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.authoring import Files, Press, Problem, one_line
from bridge.steps.report_generation import drawing, printing
from bridge.steps.report_generation.blocks import Picture, Report
from bridge.steps.report_generation.gathering import Source
from bridge.steps.report_generation.reading import objects

_MOST_THUMBNAILS = 12
_LARGEST_IMAGE = 30_000_000


@dataclass
class Studio:
    """Draws for one report; ``paper`` when it is going to be printed."""

    press: Press
    files: Files
    pictures: bool
    paper: bool
    degraded: list[dict[str, Any]] = field(default_factory=list)

    async def illustrate(self, report: Report, sources: Sequence[Source]) -> Report:
        """Return *report* with its charts, diagrams and thumbnails."""
        drawn: list[Picture] = []
        if self.pictures:
            drawn += [each for chart in drawing.charts(sources, report.findings) if (each := await self._chart(chart))]
        for diagram in drawing.diagrams(sources, report.parts):
            if picture := await self._diagram(diagram):
                drawn.append(picture)
        parts = report.parts
        if self.pictures:
            shown = [await self._thumbnails(source) for source in sources]
            parts = tuple(
                replace(part, blocks=(*part.blocks, *pictures)) for part, pictures in zip(parts, shown, strict=True)
            )
        return replace(report, pictures=tuple(drawn), parts=parts)

    async def _chart(self, chart: drawing.Chart) -> Picture | None:
        try:
            svg = await self.press.work(printing.draw_chart, chart.spec)
        except (Problem, ValueError) as error:
            self._without("charts", error)
            return None
        return Picture(chart.caption, printing.data_url(svg, "image/svg+xml"), chart.alt)

    async def _diagram(self, diagram: drawing.Diagram) -> Picture | None:
        try:
            made = await self.press.work(printing.draw_diagram, diagram.source, self.paper, timeout=20.0)
        except (Problem, ValueError) as error:
            self._without(f"diagram {diagram.caption}", error)
            return None
        media_type = "image/png" if self.paper else "image/svg+xml"
        source = printing.data_url(made, media_type)
        return Picture(diagram.caption, source, diagram.alt, diagram.source, "mermaid", paper=True)

    async def _thumbnails(self, source: Source) -> list[Picture]:
        images = [
            each
            for each in objects(source.result.get("files"))
            if str(each.get("media_type")).startswith("image/") and isinstance(each.get("file_id"), str)
        ]
        found = [
            await self._thumbnail(each["file_id"], one_line(each.get("name"), 120))
            for each in images[:_MOST_THUMBNAILS]
        ]
        return [each for each in found if each]

    async def _thumbnail(self, file_id: str, name: str) -> Picture | None:
        try:
            upload = await self.files.open(f"file:{file_id}")
            if upload.size > _LARGEST_IMAGE:
                self._without(f"picture {name}", ValueError("the image is too large to show"))
                return None
            small = await self.press.work(printing.shrink_file, str(upload.path), timeout=20.0)
        except (Problem, ValueError) as error:
            self._without(f"picture {name}", error)
            return None
        return Picture(name, printing.data_url(small, "image/png"), f"Image {name}")

    def _without(self, engine: str, error: Exception) -> None:
        self.degraded.append({"engine": engine, "reason": one_line(str(error), 300), "fallback": "left out"})
