"""Logging, configured once: structlog to standard error, ids bound, secrets redacted by value and by name."""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

SECRET_NAMES = re.compile(r"(authorization|api[-_]?key|password|passwd|secret|token|cookie|signature)", re.IGNORECASE)
USERINFO = re.compile(r"(?<=://)[^/@\s]+(?=@)")
HIDDEN = "[hidden]"
_known: set[str] = set()


def hide(secrets: Iterable[str]) -> None:
    """From now on replace these values wherever they would appear in a log line."""
    _known.update(each for each in secrets if len(each) >= 8)


def redacted(text: str) -> str:
    """Return *text* without any known secret and without credentials inside URLs."""
    for secret in _known:
        text = text.replace(secret, HIDDEN)
    return USERINFO.sub(HIDDEN, text)


def _redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if SECRET_NAMES.search(key) and isinstance(value, str):
            event[key] = HIDDEN
        elif isinstance(value, str):
            event[key] = redacted(value)
    return event


def configure(level: str = "info", style: str = "json") -> None:
    """Send all logs, ours and the libraries', to standard error in one format."""
    renderer: Any = structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer()
    chain: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact,
    ]
    structlog.configure(
        processors=[*chain, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=chain,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("aiohttp.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
