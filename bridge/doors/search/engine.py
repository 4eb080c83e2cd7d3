"""The embedded engine: tantivy's schema, its queries and its writer."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tantivy

from bridge.doors.search import Chunk, FileFacts, Filter, IndexedFile
from bridge.doors.search.catalogue import Catalogue

HEAP = 64_000_000
TRIGRAM = 3
Tokenize = Callable[[str, FileFacts, Chunk], str]
"""Makes a chunk's token stream again from its text, when the engine's index has to be rebuilt."""
Matches = list[tuple[float, int, int]]
"""Score, chunk id, file id."""


class Engine:
    """One tantivy index in one folder."""

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        """Open the index in *folder*, or make an empty one there; raise ValueError when it is broken."""
        folder.mkdir(parents=True, exist_ok=True)
        self._index = tantivy.Index(_schema(), path=str(folder)) if fresh else tantivy.Index.open(str(folder))
        words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        grams = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(TRIGRAM, TRIGRAM))
        self._index.register_tokenizer("stream", words)
        self._index.register_tokenizer("trigrams", grams.filter(tantivy.Filter.lowercase()).build())

    def reload(self) -> None:
        """See what was committed since."""
        self._index.reload()

    def write(
        self,
        catalogue: Catalogue,
        gone: Sequence[int],
        new: Sequence[int],
        given: Mapping[tuple[str, str], IndexedFile],
        tokenize: Tokenize,
    ) -> None:
        """Forget the files *gone*, add the files *new* from the catalogue (or as just *given*), and commit."""
        writer = self._index.writer(HEAP, 1)
        for file in gone:
            writer.delete_documents_by_term("file", file)
        for file in new:
            for document in _documents(catalogue, file, given, tokenize):
                writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def words(self, terms: Sequence[str], allowed: Sequence[Any], limit: int) -> Matches:
        """BM25 over the token stream."""
        schema = self._index.schema
        any_of = [(tantivy.Occur.Should, tantivy.Query.term_query(schema, "tokens", term, "freq")) for term in terms]
        return self._search(tantivy.Query.boolean_query(any_of), allowed, limit)

    def containing(self, literals: Sequence[str], allowed: Sequence[Any], limit: int) -> Matches:
        """Chunks that have every trigram of every literal."""
        grams = {each.lower()[at : at + TRIGRAM] for each in literals for at in range(len(each) - TRIGRAM + 1)}
        query = tantivy.Query.all_query()
        if grams:
            terms = (tantivy.Query.term_query(self._index.schema, "trigrams", gram, "basic") for gram in sorted(grams))
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, term) for term in terms])
        return self._search(tantivy.Query.const_score_query(query, 1.0), allowed, limit)

    def restrictions(self, where: Filter, file_ids: Sequence[int] | None) -> Iterator[Any]:
        """The parts of a filter as queries; *file_ids* are the files its other parts allow."""
        named = {"repo": where.repos, "language": where.languages, "modality": where.modalities, "kind": where.kinds}
        for name, values in named.items():
            if values:
                yield tantivy.Query.term_set_query(self._index.schema, name, list(values))
        if file_ids is not None:
            ids = list(file_ids)
            yield tantivy.Query.term_set_query(self._index.schema, "file", ids) if ids else tantivy.Query.empty_query()

    def _search(self, query: Any, allowed: Sequence[Any], limit: int) -> Matches:
        must = [(tantivy.Occur.Must, tantivy.Query.const_score_query(each, 0.0)) for each in allowed]
        wanted = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *must]) if must else query
        searcher = self._index.searcher()
        hits = searcher.search(wanted, limit, count=False).hits
        addresses = [address for _, address in hits]
        chunks = searcher.fast_field_values("chunk", addresses)
        files = searcher.fast_field_values("file", addresses)
        return [(hit[0], int(chunk or 0), int(file or 0)) for hit, chunk, file in zip(hits, chunks, files, strict=True)]


def _documents(
    catalogue: Catalogue, file: int, given: Mapping[tuple[str, str], IndexedFile], tokenize: Tokenize
) -> Iterator[tantivy.Document]:
    facts = catalogue.facts(file)
    if facts is None:
        return
    ready = given.get((facts.repo, facts.path))
    text = ready.text if ready else catalogue.text(file)
    for position, (chunk_id, chunk) in enumerate(catalogue.chunks_of(file)):
        body = text[chunk.start : chunk.end]
        document = tantivy.Document()
        document.add_unsigned("chunk", chunk_id)
        document.add_unsigned("file", file)
        document.add_text("repo", facts.repo)
        document.add_text("language", facts.language)
        document.add_text("modality", chunk.modality)
        document.add_text("kind", chunk.kind)
        document.add_text("tokens", ready.chunks[position].tokens if ready else tokenize(body, facts, chunk))
        if chunk.modality != "history":
            document.add_text("trigrams", body)
        yield document


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("chunk", fast=True)
    builder.add_unsigned_field("file", indexed=True, fast=True)
    for name in ("repo", "language", "modality", "kind"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("tokens", tokenizer_name="stream", index_option="freq")
    builder.add_text_field("trigrams", tokenizer_name="trigrams", index_option="basic")
    return builder.build()
