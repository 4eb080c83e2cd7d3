"""Put content into the search index; only what changed is written."""

from dataclasses import asdict

from bridge.authoring import (
    Indexed,
    IndexedFile,
    Progress,
    Results,
    Roots,
    Search,
    SearchBatch,
    SearchFilter,
    Unusable,
    Worktree,
    commit_file,
    digest_of,
    document_file,
    index_sources,
    prepared,
    sources_in_folder,
    sources_in_tree,
)
from bridge.generated.models.index_content import IndexContentInput, IndexContentOutput

COMMITS_AT_ONCE = 2000


async def run(
    given: IndexContentInput, *, search: Search, roots: Roots, worktree: Worktree, results: Results, progress: Progress
) -> IndexContentOutput:
    """Index one folder, repository, list of results or list of texts."""
    commit, commits = None, None
    if given.folder is not None:
        sources, issues = await sources_in_folder(roots, given.folder)
        done = await index_sources(search, given.collection, sources, said=progress, prune=given.prune)
        done.issues[:0] = issues
    elif given.repository is not None:
        done, commit, commits = await _repository(given, search, worktree, progress)
    elif given.sources is not None:
        done = await _add(search, await _documents(given, results))
    else:
        files = [
            prepared(given.collection, each.uri, digest_of(each.text), each.text.encode(), 0.0)
            for each in given.texts or []
        ]
        done = await _add(search, [each for each in files if isinstance(each, IndexedFile)])
    stats = await search.stats()
    return IndexContentOutput(
        collection=given.collection,
        added=done.added,
        unchanged=done.unchanged,
        removed=done.removed,
        commits=commits,
        commit=commit,
        index={key: value for key, value in asdict(stats).items() if key != "repos"},
        issues=[asdict(each) for each in done.issues[:200]],
    )


async def _add(search: Search, files: list[IndexedFile]) -> Indexed:
    repos = tuple({each.repo for each in files})
    known = {(facts.repo, facts.path): digest for facts, digest in await search.files(SearchFilter(repos=repos))}
    fresh = tuple(each for each in files if known.get((each.repo, each.path)) != each.digest)
    generation = await search.apply(SearchBatch(adds=fresh)) if fresh else 0
    return Indexed(added=len(fresh), unchanged=len(files) - len(fresh), generation=generation)


async def _documents(given: IndexContentInput, results: Results) -> list[IndexedFile]:
    files = []
    for reference in given.sources or []:
        for earlier in await results.of(reference):
            analysis = earlier.result.get("analysis") or {}
            files += [document_file(given.collection, each) for each in analysis.get("documents", [])]
    if not files:
        raise Unusable(
            "None of the given results holds analyzed documents. Refer to results of Multimodal Analysis, "
            "as run:<id> or node:<name>."
        )
    return files


async def _repository(
    given: IndexContentInput, search: Search, worktree: Worktree, progress: Progress
) -> tuple[Indexed, str, int]:
    checkout = await worktree.checkout(given.repository or "", given.ref)
    try:
        sources = await sources_in_tree(checkout.path)
        done = await index_sources(search, given.collection, sources, said=progress, prune=given.prune)
        history = await worktree.log(checkout, limit=given.history) if given.history else []
        commits = [
            commit_file(given.collection, each.id, each.title, each.files, each.time) for each in history if each.files
        ]
        for at in range(0, len(commits), COMMITS_AT_ONCE):
            await _add(search, commits[at : at + COMMITS_AT_ONCE])
            progress(1.0, f"{min(at + COMMITS_AT_ONCE, len(commits))} of {len(commits)} commits indexed")
        return done, checkout.commit, len(commits)
    finally:
        await worktree.release(checkout)
