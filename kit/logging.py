"""Structured logs: events with fields, never sentences; personal data never goes in (SE-06)."""

import logging
import sys

import structlog


def configure_logging(*, as_json: bool, level: int = logging.INFO) -> None:
    """Set up structlog for the process: to stderr, so that a command's output stays its own.

    Args:
        as_json: One JSON object a line, for machines.
        level: Lowest level that is written.
    """
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
