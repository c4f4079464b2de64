"""A submission, its files, and the states both go through."""

from __future__ import annotations

from enum import StrEnum

from bigpicture.model.errors import ConflictError


class SubmissionState(StrEnum):
    """receive -> check -> clean -> convert -> (review ->) accept -> publish."""

    RECEIVING = "receiving"
    CHECKING = "checking"
    CLEANING = "cleaning"
    CONVERTING = "converting"
    REVIEWING = "reviewing"
    """It waits for people to release it; the node does nothing meanwhile."""
    ACCEPTING = "accepting"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    REFUSED = "refused"
    """Something handed over breaks a rule; mend it and submit again under the same alias."""
    FAILED = "failed"
    """The node could not go on (a full disk, say); it continues when asked again."""
    REPLACED = "replaced"
    """A later submission of the same alias took its place before it was published."""


_NEXT: dict[SubmissionState, frozenset[SubmissionState]] = {
    SubmissionState.RECEIVING: frozenset({SubmissionState.CHECKING}),
    SubmissionState.CHECKING: frozenset({SubmissionState.CLEANING}),
    SubmissionState.CLEANING: frozenset({SubmissionState.CONVERTING}),
    SubmissionState.CONVERTING: frozenset({SubmissionState.REVIEWING, SubmissionState.ACCEPTING}),
    SubmissionState.REVIEWING: frozenset({SubmissionState.ACCEPTING, SubmissionState.REFUSED}),
    SubmissionState.ACCEPTING: frozenset({SubmissionState.PUBLISHING}),
    SubmissionState.PUBLISHING: frozenset({SubmissionState.PUBLISHED}),
    SubmissionState.PUBLISHED: frozenset(),
    SubmissionState.REFUSED: frozenset({SubmissionState.RECEIVING}),
    SubmissionState.FAILED: frozenset({SubmissionState.RECEIVING, SubmissionState.CHECKING}),
    SubmissionState.REPLACED: frozenset(),
}

UNDER_WAY = frozenset(
    {
        SubmissionState.CHECKING,
        SubmissionState.CLEANING,
        SubmissionState.CONVERTING,
        SubmissionState.ACCEPTING,
        SubmissionState.PUBLISHING,
    }
)
"""States in which the node works and nothing may be added."""

HANDED_OVER = UNDER_WAY | {SubmissionState.REVIEWING}
"""States in which nothing may be added: the node works, or people read."""

SETTLED = frozenset(
    {
        SubmissionState.PUBLISHED,
        SubmissionState.REFUSED,
        SubmissionState.FAILED,
        SubmissionState.REPLACED,
    }
)


def move(present: SubmissionState, following: SubmissionState) -> SubmissionState:
    """Return `following` if the step is allowed (a repeat of the present state always is).

    Any state under way may end in refused or failed; what is not published may be replaced.
    """
    stops = {SubmissionState.REFUSED, SubmissionState.FAILED}
    allowed = (
        following == present
        or following in _NEXT[present]
        or (present in UNDER_WAY and following in stops)
        or (following == SubmissionState.REPLACED and present != SubmissionState.PUBLISHED)
    )
    if not allowed:
        raise ConflictError(f"a submission that is {present} cannot become {following}.")
    return following


class FileRole(StrEnum):
    """The folder of `DATASET_x` a file lies in."""

    METADATA = "metadata"
    IMAGE = "image"
    ANNOTATION = "annotation"
    LANDING_PAGE = "landing_page"
    THUMBNAIL = "thumbnail"
    PRIVATE = "private"
    COMPANION = "companion"


class FileState(StrEnum):
    """What a contributor sees of one file while it happens."""

    EXPECTED = "expected"
    RECEIVING = "receiving"
    RECEIVED = "received"
    CHECKED = "checked"
    CLEANED = "cleaned"
    CONVERTED = "converted"
    ACCEPTED = "accepted"
    PUBLISHED = "published"
    REFUSED = "refused"
