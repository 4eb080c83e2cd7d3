"""What arrives from outside and what the clock says, turned into events, and events into starts.

signing      who may say so: signatures over the raw bytes
forges       each forge's words for push, pull request, release and tag
deriving     api_change and schema_change, read off a push
matching     which trigger an event concerns
receiving    kept once, answered at once, worked through afterwards, played again on request
scheduling   cron lines
"""

from bridge.deliveries.receiving import Receipt, Receiving, Starter
from bridge.deliveries.scheduling import Scheduling
from bridge.deliveries.signing import hook_secret, verify

__all__ = ["Receipt", "Receiving", "Scheduling", "Starter", "hook_secret", "verify"]
