"""Every error the program raises on purpose; each says what happened, where, and what to do."""

from __future__ import annotations

from enum import StrEnum


class BigpictureError(Exception):
    """An error with a place and a remedy.

    `what` says what happened and to what, `place` where (file, line, attribute, step; never an
    identifying value), `remedy` what the reader can do about it, `rule` the standard's clause or
    our own rule that was broken.
    """

    errors: tuple[BigpictureError, ...] = ()
    """What this error sums up, if it does."""

    def __init__(self, what: str, *, place: str = "", remedy: str = "", rule: str = "") -> None:
        self.what = what
        self.place = place
        self.remedy = remedy
        self.rule = rule
        super().__init__(str(self))

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.place, self.remedy, self.rule))

    def __str__(self) -> str:
        sentence = f"{self.place}: {self.what}" if self.place else self.what
        if self.rule:
            sentence = f"{sentence} [{self.rule}]"
        return f"{sentence} {self.remedy}".rstrip()


def _rebuild(
    kind: type[BigpictureError], what: str, place: str, remedy: str, rule: str
) -> BigpictureError:
    return kind(what, place=place, remedy=remedy, rule=rule)


class SettingsError(BigpictureError):
    """The settings of the node or the command are wrong or incomplete."""


class InputError(BigpictureError):
    """What was handed over breaks a rule; the one who handed it over can mend it."""


class SlideError(InputError):
    """A slide cannot be read, is damaged, or carries something no rule names."""


class MetadataError(InputError):
    """Metadata cannot be parsed, or refer to what does not exist."""


class LeakError(InputError):
    """The scan found something identifying in an output; the output was destroyed."""


class IntegrityError(BigpictureError):
    """Bytes are not what their digest, seal or length says."""


class UnknownError(BigpictureError):
    """There is no such thing, or none that this person may know of."""


class ErasedError(BigpictureError):
    """There was such a thing, and its subject's key was destroyed: nobody opens it any more."""


class SignInError(BigpictureError):
    """Nobody is signed in, or the credentials are wrong or expired."""


class ForbiddenError(BigpictureError):
    """The person is known and may not do this; the remedy says how to apply."""


class ConflictError(BigpictureError):
    """The act does not fit the present state, or something of that name exists already."""


class ChangedError(ConflictError):
    """It was changed elsewhere since the version that this change was made from."""


class LimitError(BigpictureError):
    """A limit on size, time, memory or number was passed."""


class TooSoonError(LimitError):
    """The same was tried too often; it may be tried again after a while."""


class BusyError(BigpictureError):
    """More is asked for at once than can be done; nothing is wrong with what was asked."""


class SealedError(BusyError):
    """The node is sealed: it answers nothing until two people have opened it."""


class StorageError(BigpictureError):
    """The records or the objects could not be read or written."""


class StorageFullError(StorageError):
    """There is no room left; nothing was half-written."""


class SandboxError(BigpictureError):
    """A child process crashed, was killed by its limits, or answered nonsense."""


class StoppedError(SandboxError):
    """A child process was stopped when its time was over."""


class WallError(SandboxError):
    """This system has not the walls that a foreign program must stand behind."""


class FailureReason(StrEnum):
    """Why an algorithm gave no result for a slide; a closed list, for tables and for filters."""

    HUNG = "hung"
    OUT_OF_MEMORY = "out-of-memory"
    TOO_MANY_PROCESSES = "too-many-processes"
    NETWORK = "network"
    OUTSIDE_READ = "outside-read"
    OUTSIDE_WRITE = "outside-write"
    SCRATCH_FULL = "scratch-full"
    BAD_OUTPUT = "bad-output"
    BAD_PARAMETERS = "bad-parameters"
    WRONG_WEIGHTS = "wrong-weights"
    WRONG_MPP = "wrong-mpp"
    NO_MPP = "no-mpp"
    CRASHED = "crashed"
    SLIDE_DAMAGED = "slide-damaged"
    REFUSED_NO_ISOLATION = "refused-no-isolation"
    EMPTY_GLASS = "empty-glass"


class AlgorithmError(InputError):
    """An algorithm gave no result, or one that is none; `reason` says why, from a closed list."""

    def __init__(
        self,
        what: str,
        *,
        reason: FailureReason = FailureReason.CRASHED,
        place: str = "",
        remedy: str = "",
        rule: str = "",
    ) -> None:
        self.reason = reason
        super().__init__(what, place=place, remedy=remedy, rule=rule)

    def __reduce__(self) -> tuple[object, ...]:
        return (*super().__reduce__(), {"reason": self.reason})
