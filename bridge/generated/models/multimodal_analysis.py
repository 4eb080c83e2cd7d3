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
    file_path: str | None = Field(default=None, description='Path of a file or folder below a configured root')
    text: str | None = Field(default=None, description='Text or source code to analyze')
    url: str | None = Field(default=None, description='Public address of the file to analyze')
    analysis_type: Literal['comprehensive', 'security', 'performance', 'quality', 'content'] = Field(default='comprehensive', description='What to look for')
    include_security: bool = Field(default=True, description='Whether to run the security rules')
    include_performance: bool = Field(default=True, description='Whether to run the performance rules')


class MultimodalAnalysisOutput(StepResult):
    analysis: Analysis = Field()
    multimodal_result: dict[str, Any] | None = Field(default=None, description='What a remote multimodal engine answered')
    file_path: str | None = Field(default=None, description='The path that was analyzed')
