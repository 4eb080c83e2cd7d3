"""The records of workflows and their executions, on one database.

They have no fake: the tests use SQLite in a temporary folder, which is as quick and is the real thing.
"""

from dataclasses import dataclass

from bridge.doors.store.deliveries import Analytics, DeliveryRecords
from bridge.doors.store.executions import ExecutionHistory, ExecutionRecords
from bridge.doors.store.workflows import TemplateRecords, TriggerRecords, WorkflowRecords


@dataclass(frozen=True)
class Records:
    """All nouns about workflows."""

    executions: ExecutionRecords
    history: ExecutionHistory
    workflows: WorkflowRecords
    triggers: TriggerRecords
    templates: TemplateRecords
    deliveries: DeliveryRecords
    analytics: Analytics
