"""The records of workflows on one database."""

from bridge.doors.store.records import Records
from bridge.doors.store.sql.database import Database
from bridge.doors.store.sql.deliveries import SqlAnalytics, SqlDeliveries
from bridge.doors.store.sql.executions import SqlExecutions, SqlHistory
from bridge.doors.store.sql.templates import SqlTemplates
from bridge.doors.store.sql.workflows import SqlTriggers, SqlWorkflows


def build_records(database: Database) -> Records:
    """Put the nouns together."""
    return Records(
        executions=SqlExecutions(database),
        history=SqlHistory(database),
        workflows=SqlWorkflows(database),
        triggers=SqlTriggers(database),
        templates=SqlTemplates(database),
        deliveries=SqlDeliveries(database),
        analytics=SqlAnalytics(database),
    )
