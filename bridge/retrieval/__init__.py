"""Finding places: from a file to chunks and token streams, from a question to ranked, quoted, packed answers."""

from bridge.retrieval.answering import Answer, Place, answer
from bridge.retrieval.bundling import Section, unified
from bridge.retrieval.indexing import Indexed, commit_file, digest_of, document_file, index_sources, prepared, tokenize
from bridge.retrieval.queries import Question, understand
from bridge.retrieval.snippets import plain as plain_snippet
from bridge.retrieval.sources import sources_in_folder, sources_in_tree

__all__ = [
    "Answer",
    "Indexed",
    "Place",
    "Question",
    "Section",
    "answer",
    "commit_file",
    "digest_of",
    "document_file",
    "index_sources",
    "plain_snippet",
    "prepared",
    "sources_in_folder",
    "sources_in_tree",
    "tokenize",
    "understand",
    "unified",
]
