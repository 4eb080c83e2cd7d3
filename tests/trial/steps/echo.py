"""Give back what was given; quick."""

from typing import Any

from bridge.authoring import Field, Results, RunContext, StepModel, StepResult, Unusable, UpstreamFailed


class EchoInput(StepModel):
    text: str = ""
    fail: str = ""
    earlier: str = ""


class EchoOutput(StepResult):
    text: str
    earlier: list[dict[str, Any]] = Field(default_factory=list)
    context: dict[str, Any] = Field(default_factory=dict)


async def run(given: EchoInput, *, results: Results, context: RunContext) -> EchoOutput:
    if given.fail == "code":
        secret = given.text
        raise ZeroDivisionError(f"with {secret} inside")
    if given.fail == "upstream":
        raise UpstreamFailed("The other side failed.")
    if given.fail == "unusable":
        raise Unusable("That is of no use.")
    if given.fail == "surrogate":
        return EchoOutput(text="\ud800")
    found = []
    if given.earlier:
        found = await (results.of_execution() if given.earlier == "all" else results.of(given.earlier))
    shown = [{"node": each.node, "run_id": each.run_id, "text": each.result.get("text", "")} for each in found]
    return EchoOutput(text=given.text, earlier=shown, context={"n8n": dict(context.n8n), "tenant": context.tenant})
