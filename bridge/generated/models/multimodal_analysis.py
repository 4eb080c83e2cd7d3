"""Input and output of `multimodal_analysis`, generated from node_specs/multimodal_analysis.json.

Do not edit; run `bridge generate`.
"""

from typing import Any, Literal

from pydantic import Field

from bridge.authoring import StepModel, StepResult
from bridge.generated.models.shapes import Analysis

__all__ = ["MultimodalAnalysisInput", "MultimodalAnalysisOutput", "Any", "Field", "Literal", "StepModel"]


class MultimodalAnalysisInput(StepModel):
    file: str | None = Field(default=None, description='The file to analyze')
    file_path: str | None = Field(default=None, description='Path of a file or folder below a configured root, or a pattern such as src/**/*.py')
    text: str | None = Field(default=None, description='Text or source code to analyze')
    url: str | None = Field(default=None, description='Public address of the file to analyze')
    repository: str | None = Field(default=None, description='Git repository to analyze: a path below a root or an address')
    ref: str | None = Field(default=None, description='Branch, tag or commit to check out; the default branch if absent')
    base: str | None = Field(default=None, description='Commit or branch to compare with: only lines changed since then are judged')
    analysis_type: Literal['comprehensive', 'security', 'performance', 'quality', 'content'] = Field(default='comprehensive', description='What to look for: security runs the security rules, flow checks and the search for secrets; performance and quality run those rules; content reads text, tables, pictures and speech without judging; comprehensive does all of it')
    include_security: bool = Field(default=True, description='Whether security rules run when analysis_type asks for them')
    include_performance: bool = Field(default=True, description='Whether performance rules run when analysis_type asks for them')
    include_sarif: bool = Field(default=False, description='Whether to add the findings as a SARIF 2.1.0 file')
    question: str | None = Field(default=None, description='What to ask a configured remote model about the content')
    document_name: str | None = Field(default=None, description='Name of the given text; its extension tells the language')
    workflow_id: str | None = Field(default=None, description='Label that is handed to a remote engine with the content')


class MultimodalAnalysisOutput(StepResult):
    analysis: Analysis = Field()
    multimodal_result: dict[str, Any] | None = Field(default=None, description='What a remote multimodal engine answered')
    file_path: str | None = Field(default=None, description='The path, address or name that was analyzed')
