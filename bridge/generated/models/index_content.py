"""Input and output of `index_content`, generated from node_specs/index_content.json.

Do not edit; run `bridge generate`.
"""

from typing import Any, Literal

from pydantic import Field

from bridge.authoring import StepModel, StepResult

__all__ = ["IndexContentInput", "IndexContentOutput", "Any", "Field", "Literal", "StepModel"]


class IndexContentInputTexts(StepModel):
    uri: str = Field(min_length=1, description='Name under which the text is cited')
    text: str = Field(description='The text')


class IndexContentInput(StepModel):
    folder: str | None = Field(default=None, description='Folder below a configured root')
    repository: str | None = Field(default=None, description='Path below a root or address of a git repository')
    ref: str | None = Field(default=None, description='Branch, tag or commit of the repository; its default branch when absent')
    history: int = Field(default=5000, ge=0, le=100000, description='How many commits of the history to index')
    sources: list[str] | None = Field(default=None, min_length=1, description='Results with analyzed documents, as run:ID or node:NAME')
    texts: list[IndexContentInputTexts] | None = Field(default=None, min_length=1, max_length=1000, description='Texts with a name each')
    collection: str = Field(default='default', min_length=1, max_length=200, description='Name of the part of the index to fill')
    prune: bool = Field(default=True, description='Whether files that are gone from the folder or repository leave the index')


class IndexContentOutput(StepResult):
    collection: str = Field(description='The part of the index that was filled')
    added: int = Field(description='Files added or replaced')
    unchanged: int = Field(description='Files that were there already')
    removed: int = Field(description='Files taken out')
    commits: int | None = Field(default=None, description='Commits of the history in the index')
    commit: str | None = Field(default=None, description='The commit that was indexed')
    index: dict[str, Any] | None = Field(default=None, description='Files, chunks and sizes of the whole index')
