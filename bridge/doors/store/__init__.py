"""The way to what must survive: runs, blobs, files, idempotency keys, webhooks, callbacks.

How to add a noun (say ``templates``), in files of its own so that nobody meets anybody:

1. ``store/templates.py``: its value types (frozen dataclasses) and its Protocol of at most seven verbs.
   Name both here, below, so that rooms import them from ``bridge.doors.store``.
2. ``store/sql/templates.py``: its tables on ``bridge.doors.store.sql.database.METADATA`` and the adapter
   ``SqlTemplates(database)``, one SQLAlchemy Core implementation for SQLite and PostgreSQL.
   ``async with database.read() as connection`` to look, ``database.write()`` for a transaction; both
   translate every database error into a `Problem`. Columns: ``text()``, ``moment()``, ``document()`` of
   ``sql/columns.py``.
3. ``store/sql/migrations/versions/templates_1.py``: an Alembic revision ``templates_1`` with
   ``down_revision = None`` (each noun is its own branch; ``templates_2`` follows ``templates_1``).
   Migrations run when the bridge starts; a test compares them with the tables.
4. ``store/memory/templates.py``: the in-memory fake.
5. ``tests/doors/store/test_templates.py``: one contract suite, run on all three by the fixture ``stores``
   of tests/doors/store/conftest.py.
6. One field in `Store` below, and one line each in ``sql.open_store`` and ``memory.open_store``.

The nouns about workflows stand together in `Records` (records.py) and have no fake.

Times are aware UTC datetimes; ids are strings; a row that is not there raises `NotFound`.
"""

from dataclasses import dataclass

from bridge.doors.store.blobs import Blob, Blobs, StoredFile
from bridge.doors.store.callbacks import Callback, Callbacks
from bridge.doors.store.deliveries import Analytics, AnalyticsEvent, Delivery, DeliveryRecords
from bridge.doors.store.executions import Execution, ExecutionHistory, ExecutionRecords, ExecutionsWanted
from bridge.doors.store.keys import IdempotencyKey, IdempotencyKeys
from bridge.doors.store.ledger import Ledger, LedgerPage
from bridge.doors.store.records import Records
from bridge.doors.store.runs import (
    ENDED,
    Attempts,
    Ending,
    N8nOrigin,
    Page,
    Pulse,
    Run,
    Runs,
    RunStatus,
    RunsWanted,
)
from bridge.doors.store.webhooks import Webhook, Webhooks
from bridge.doors.store.workflows import (
    Template,
    TemplateRecords,
    Trigger,
    TriggerRecords,
    Workflow,
    WorkflowRecords,
)


@dataclass(frozen=True)
class Store:
    """All nouns, on one database."""

    runs: Runs
    attempts: Attempts
    keys: IdempotencyKeys
    blobs: Blobs
    callbacks: Callbacks
    webhooks: Webhooks
    ledger: Ledger


__all__ = [
    "ENDED",
    "Analytics",
    "AnalyticsEvent",
    "Attempts",
    "Blob",
    "Blobs",
    "Callback",
    "Callbacks",
    "Delivery",
    "DeliveryRecords",
    "Ending",
    "Execution",
    "ExecutionHistory",
    "ExecutionRecords",
    "ExecutionsWanted",
    "IdempotencyKey",
    "IdempotencyKeys",
    "Ledger",
    "LedgerPage",
    "N8nOrigin",
    "Page",
    "Pulse",
    "Records",
    "Run",
    "RunStatus",
    "Runs",
    "RunsWanted",
    "Store",
    "StoredFile",
    "Template",
    "TemplateRecords",
    "Trigger",
    "TriggerRecords",
    "Webhook",
    "Webhooks",
    "Workflow",
    "WorkflowRecords",
]
