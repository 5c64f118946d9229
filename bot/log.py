"""Logs hold ids and codes, never what people wrote: so faults are logged by kind and place, without their words."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

import structlog


def configure_logging(level: str) -> None:
    """One line a fact on stderr (stdout belongs to the commands)."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], sort_keys=False)
            if sys.stderr.isatty()
            else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def describe_fault(error: BaseException) -> dict[str, Any]:
    """Kind and place of an exception. Not its message: that may quote a person."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames[-6:]]
    described: dict[str, Any] = {"fault": type(error).__name__, "where": where}
    if error.__cause__ is not None:
        described["cause"] = type(error.__cause__).__name__
    return described


def _short(filename: str) -> str:
    return "/".join(filename.rsplit("/", 3)[-3:])
