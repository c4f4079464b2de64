"""Logs: one JSON object a line on standard error; never a person, a file name or a value."""

from __future__ import annotations

import logging
import sys
import traceback

import structlog
from structlog.typing import EventDict, WrappedLogger

from bigpicture.api.observe import REQUEST
from bigpicture.settings import Settings


def configure_log(settings: Settings) -> None:
    """Send our own events and the libraries' warnings to standard error as JSON lines."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            _with_request,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_values,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)


def _with_request(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """The id of the request that is being answered, if one is."""
    if request := REQUEST.get():
        event["request"] = request
    return event


def _without_values(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Say of an exception what kind it was and where it rose; its text may hold a value."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        event["kind"] = type(error).__name__
        event["trace"] = [f"{each.filename}:{each.lineno} {each.name}" for each in frames]
    return event
