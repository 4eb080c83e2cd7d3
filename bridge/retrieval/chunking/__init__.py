"""Cut a file into pieces worth finding: definitions of code, sections of prose, segments of documents."""

from bridge.doors.search import Chunk
from bridge.retrieval.chunking.code import definitions
from bridge.retrieval.chunking.languages import language_of
from bridge.retrieval.chunking.lines import Piece, pieces_to_chunks, windows
from bridge.retrieval.chunking.prose import sections
from bridge.retrieval.chunking.python_code import python_definitions

__all__ = ["CHUNKER_VERSION", "Piece", "chunk_file", "language_of", "pieces_to_chunks"]

CHUNKER_VERSION = "1"
"""Changes when chunking or tokenizing changes: an index made by another version is rebuilt."""


def chunk_file(path: str, text: str, language: str) -> tuple[Chunk, ...]:
    """Cut one text file into chunks that cover all of its lines."""
    pieces: list[Piece] | None
    if language == "python":
        pieces = python_definitions(text)
    elif language in ("markdown", "rst"):
        pieces = sections(text, language)
    else:
        pieces = definitions(text, language)
    return pieces_to_chunks(path, text, pieces if pieces is not None else windows(text))
