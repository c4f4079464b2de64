"""Problems: the one table from error to status, and the document (RFC 9457) that says so."""

from __future__ import annotations

from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError
from starlette.responses import JSONResponse

from bigpicture.access.decide import Decision, Reason
from bigpicture.model import errors

MEDIA_TYPE = "application/problem+json"


class MalformedError(errors.InputError):
    """An address of a foreign protocol is written wrongly; those protocols want 400 for it."""


class NotAcceptableError(errors.InputError):
    """What is asked for is there, and not in any of the media types that would do."""


class MediaTypeError(errors.InputError):
    """A body of a media type that the door does not take."""


class UnconditionalError(errors.InputError):
    """A change does not say which version it was made from (RFC 6585)."""


_STATUS: dict[type[Exception], int] = {
    MalformedError: 400,
    NotAcceptableError: 406,
    MediaTypeError: 415,
    UnconditionalError: 428,
    errors.ChangedError: 412,
    errors.UnknownError: 404,
    errors.SignInError: 401,
    errors.ForbiddenError: 403,
    errors.ConflictError: 409,
    errors.ErasedError: 410,
    errors.InputError: 422,
    errors.TooSoonError: 429,
    errors.LimitError: 413,
    errors.BusyError: 503,
    errors.StorageFullError: 507,
    errors.StorageError: 503,
    DataError: 422,  # PostgreSQL on a NUL inside a text, or on a number out of its range
}
"""The nearest ancestor of an error's class counts; what is absent is our fault: 500."""

_TITLES = {
    400: "Bad request",
    401: "Sign in first",
    403: "Not allowed",
    404: "Unknown",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    410: "Erased",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Unsupported media type",
    422: "Wrong input",
    428: "Changed from what",
    429: "Too many attempts",
    500: "The node failed",
    503: "Not available now",
    507: "No room left",
}


class Problem(BaseModel):
    """RFC 9457 problem details, with our `place`, `rule` and `remedy`."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    place: str | None = None
    rule: str | None = None
    remedy: str | None = None
    reason: Reason | None = Field(default=None, description="why a dataset cannot be opened")
    apply: str | None = Field(default=None, description="where to apply for a grant")


class RefusedError(errors.BigpictureError):
    """The access decision says no: 401 where signing in may help, else 403."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.text)
        self.decision = decision


def status_of(error: Exception) -> int:
    """The HTTP status of an error."""
    if isinstance(error, RefusedError):
        return 401 if error.decision.reason is Reason.SIGN_IN else 403
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def problem_of(error: Exception) -> Problem:
    """The document for an error. Of our own failures it says nothing but that they happened."""
    status = status_of(error)
    if isinstance(error, DataError):
        return plain_problem(status, "A value in it cannot be kept.")
    is_ours = status >= 500 and not isinstance(error, errors.BusyError)
    if is_ours or not isinstance(error, errors.BigpictureError):
        return _failure(status)
    decision = error.decision if isinstance(error, RefusedError) else None
    return Problem(
        title=_TITLES[status],
        status=status,
        detail=error.what,
        place=error.place or None,
        rule=error.rule or None,
        remedy=error.remedy or None,
        reason=decision.reason if decision else _reason_of(error),
        apply=decision.apply if decision else None,
    )


def _reason_of(error: Exception) -> Reason | None:
    return Reason.SEALED if isinstance(error, errors.SealedError) else None


def _failure(status: int) -> Problem:
    remedies = {
        503: "Try again in a moment.",
        507: "Nothing was half-written. Tell the node's steward, then try again.",
    }
    return Problem(
        title=_TITLES[status],
        status=status,
        detail="The node could not do this.",
        remedy=remedies.get(status, "Tell the node's steward the request id of this answer."),
    )


def plain_problem(status: int, detail: str, *, remedy: str | None = None) -> Problem:
    """A problem of HTTP itself."""
    return Problem(
        title=_TITLES.get(status, "Problem"), status=status, detail=detail, remedy=remedy
    )


def problem_response(problem: Problem) -> JSONResponse:
    """The answer that carries a problem."""
    headers = {"Cache-Control": "no-store"}
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.status in (429, 503):
        headers["Retry-After"] = "60" if problem.status == 429 else "2"
    return JSONResponse(
        problem.model_dump(mode="json", exclude_none=True),
        problem.status,
        headers,
        media_type=MEDIA_TYPE,
    )
