"""Logs: one JSON object a line, on standard error if nothing else is said. Keys, passwords and bodies are never given to a log.

What comes by the standard library (uvicorn, the database drivers) is written in the same form.
"""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import Processor

_target: TextIO = sys.stderr


def file() -> int | None:
    """Return the number of the open file that logs go to, for a process that logs to the same; None if it is none."""
    try:
        return _target.fileno()
    except (OSError, ValueError):
        return None


def set_up(level: str, stream: TextIO | None = None) -> None:
    """Begin logging at `level` ("debug", "info", "warning", "error") and above, to `stream` (None: standard error)."""
    target = sys.stderr if stream is None else stream
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(target),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
        )
    )
    global _target
    _target = target
    logging.basicConfig(level=max(number, logging.INFO), handlers=[handler], force=True)
    # These tell of every connection and every call.
    for talkative in ("uvicorn.error", "uvicorn.access", "websockets", "httpx2", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
