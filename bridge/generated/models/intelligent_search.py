"""Input and output of `intelligent_search`, generated from node_specs/intelligent_search.json.

Do not edit; run `bridge generate`.
"""

from typing import Any, Literal

from pydantic import Field

from bridge.authoring import StepModel, StepResult
from bridge.generated.models.shapes import Hit

__all__ = ["IntelligentSearchInput", "IntelligentSearchOutput", "Any", "Field", "Literal", "StepModel"]


class IntelligentSearchInputFilters(StepModel):
    """Restrictions; unknown ones are refused"""

    repo: list[str] | None = Field(default=None, description='Names of indexed collections')
    path: list[str] | None = Field(default=None, description='Path patterns in the manner of gitignore')
    language: list[str] | None = Field(default=None, description='Programming languages, in lower case')
    type: list[str] | None = Field(default=None, description='Media types')
    symbol_kind: list[str] | None = Field(default=None, description='Kinds of pieces: function, class, method, heading, table, ocr ...')
    since: str | None = Field(default=None, description='Modified at or after this time')
    until: str | None = Field(default=None, description='Modified before this time')


class IntelligentSearchInput(StepModel):
    query: str = Field(min_length=1, max_length=10000, description='A question, an identifier, "quoted text" or /a regular expression/')
    modalities: list[Literal['text', 'image', 'audio', 'video', 'history']] | None = Field(default=None, description='Kinds of content to search; all of them when absent')
    limit: int = Field(default=10, ge=1, le=100, description='Max number of results to return')
    offset: int = Field(default=0, ge=0, le=10000, description='How many results to leave out at the start')
    mode: Literal['auto', 'words', 'phrase', 'substring', 'regex'] = Field(default='auto', description='How to read the query; detected when auto')
    filters: IntelligentSearchInputFilters | None = Field(default=None, description='Restrictions; unknown ones are refused')
    context_tokens: int = Field(default=4000, ge=0, le=100000, description='Size of the packed context in tokens; 0 for none')
    explain: bool = Field(default=False, description='Whether to return the parts of each score')


class IntelligentSearchOutputContext(StepModel):
    """The best pieces packed for a model"""

    unified_context: str = Field(description='All sections as one Markdown text')
    sections: list[dict[str, Any]] = Field(description='Each piece with citation, title, content, modality and tokens')
    citations: list[str] = Field(description='References that resolve, in order')


class IntelligentSearchOutput(StepResult):
    results: list[Hit] = Field(description='Places, best first')
    context: IntelligentSearchOutputContext = Field(description='The best pieces packed for a model')
    query: str = Field(description='The query as searched')
    mode: str | None = Field(default=None, description='How the query was read')
    total: int | None = Field(default=None, description='Number of matching files')
