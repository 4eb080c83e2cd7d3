"""Foreign text made harmless: what is invisible is shown, what would act is written out."""

from bridge.texts.cleaning import calm, clean, one_line, plain, words
from bridge.texts.markdown import code_span, escape_markdown, escape_markdown_line, fenced

__all__ = [
    "calm",
    "clean",
    "code_span",
    "escape_markdown",
    "escape_markdown_line",
    "fenced",
    "one_line",
    "plain",
    "words",
]
