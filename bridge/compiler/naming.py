"""Names and ids of nodes: the same for the same template, whoever compiles it."""

from uuid import NAMESPACE_URL, uuid5

ENTRY_GATE = "Entry Gate"
BY_BRIDGE = "When the Bridge Calls"
BY_HAND = "Run by Hand"
ABOUT = "About This Workflow"
NOT_STARTED = "Conditions Not Met"
COLLECT = "Collect Runs"
RESERVED = frozenset({ENTRY_GATE, BY_BRIDGE, BY_HAND, ABOUT, NOT_STARTED, COLLECT})


def node_id(key: str, name: str) -> str:
    """A stable id for the node *name* of the workflow *key*."""
    return str(uuid5(NAMESPACE_URL, f"urn:bridge:workflow:{key}:node:{name}"))


def webhook_id(key: str) -> str:
    """A stable webhook id for the workflow *key*."""
    return str(uuid5(NAMESPACE_URL, f"urn:bridge:workflow:{key}:webhook"))
