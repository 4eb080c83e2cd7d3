"""Functions for the press: charts, diagrams, thumbnails and paper, made in spare processes and without a network."""

import io
from base64 import b64encode
from typing import Any

_MOST_PIXELS = 100_000_000
_MERMAID = {"htmlLabels": False, "flowchart": {"htmlLabels": False}, "fontFamily": "DejaVu Sans, Verdana, sans-serif"}
_INK = "text{fill:#4c5667}@media (prefers-color-scheme:dark){text{fill:#b9c2d0}}"


def draw_chart(spec: dict[str, Any]) -> str:
    """Return a Vega-Lite chart as SVG; it may load nothing."""
    import vl_convert

    svg = str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]))
    return svg.replace(">", f"><style>{_INK}</style>", 1)


def draw_diagram(source: str, paper: bool) -> str | bytes:
    """Return a Mermaid diagram as SVG, or for paper as PNG; raise `ValueError` with Mermaid's words.

    The engine that prints does not know all that Mermaid's SVG uses.
    """
    import mermaidx

    try:
        drawn = mermaidx.render(source, theme="neutral", config=_MERMAID)
        return bytes(drawn.png(width=1600, background="#ffffff")) if paper else str(drawn.svg())
    except RuntimeError as error:
        raise ValueError(" ".join(str(error).split())[:300]) from None


def shrink_file(path: str, side: int = 480) -> bytes:
    """Return an image file as a small PNG; raise `ValueError` when it is none or too large to open."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(path) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise ValueError("the image has too many pixels")
            image.draft("RGB", (side, side))
            small = ImageOps.exif_transpose(image)
            small.thumbnail((side, side))
            made = io.BytesIO()
            small.convert("RGBA").save(made, "PNG", optimize=True)
    except (OSError, SyntaxError) as error:
        raise ValueError("the image cannot be read") from error
    return made.getvalue()


def typeset(page: str) -> bytes:
    """Return an HTML page as PDF; of all addresses it may open only ``data:``."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    return bytes(HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=("data",))).write_pdf(pdf_tags=True))


def data_url(content: str | bytes, media_type: str) -> str:
    """Return *content* as a ``data:`` URL."""
    raw = content.encode() if isinstance(content, str) else content
    return f"data:{media_type};base64,{b64encode(raw).decode('ascii')}"
