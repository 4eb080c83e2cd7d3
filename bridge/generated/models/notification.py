"""Input and output of `notification`, generated from node_specs/notification.json.

Do not edit; run `bridge generate`.
"""

from typing import Any, Literal

from pydantic import Field

from bridge.authoring import StepModel, StepResult
from bridge.generated.models.shapes import Reason, Verdict

__all__ = ["NotificationInput", "NotificationOutput", "Any", "Field", "Literal", "StepModel"]


class NotificationInput(StepModel):
    channels: list[str] = Field(min_length=1, max_length=20, description='Names of channels configured in the bridge')
    title: str | None = Field(default=None, min_length=1, max_length=200, description='First line of the message; without one it says how the execution went')
    message: str | None = Field(default=None, max_length=20000, description='Text of your own, sent as it stands')
    include_summary: bool = Field(default=True, description='Whether to add what each step of the execution found')
    sources: list[str] | None = Field(default=None, max_length=200, description='Results to sum up; without any, all ended steps of this execution')
    edit_in_place: bool = Field(default=True, description='Whether to edit the message this execution sent before, where the channel can, instead of sending another')
    only_on: Literal['always', 'failure', 'not_pass'] = Field(default='always', description='When to send: always, when a step failed, or when any step did not pass')
    dry_run: bool = Field(default=False, description='Write the message and check the channels, but send nothing')


class NotificationOutputDeliveries(StepModel):
    channel: str = Field(description='Name of the channel')
    kind: str | None = Field(default=None, description='The service behind it')
    delivered: bool = Field(description='Whether the service took the message')
    edited: bool = Field(description='Whether an earlier message was edited in place')
    reference: str | None = Field(default=None, description='Names the message for a later edit')
    attempts: int = Field(description='How often it was tried')
    reason: str | None = Field(default=None, description='Why it was not delivered')


class NotificationOutput(StepResult):
    deliveries: list[NotificationOutputDeliveries] = Field(description='What became of the message, per channel')
    title: str = Field(description='First line of the message')
    message: str = Field(description='The message as plain text')
    verdict: Verdict = Field()
    reasons: list[Reason] = Field(description='One per channel')
