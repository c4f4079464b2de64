"""Welcome: may this person submit here, and what became of this alias before?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bigpicture.client.node import Node
from bigpicture.model.errors import ForbiddenError, SignInError
from bigpicture.model.person import Permission
from bigpicture.model.submission import HANDED_OVER, SubmissionState


@dataclass(frozen=True, slots=True)
class Standing:
    """The person's own latest submission of an alias; None where there is none."""

    submission: Mapping[str, Any] | None

    @property
    def accession(self) -> str:
        return str(self.submission["accession"]) if self.submission else ""

    @property
    def is_published(self) -> bool:
        return self._is_in({SubmissionState.PUBLISHED})

    @property
    def is_under_way(self) -> bool:
        return self._is_in(HANDED_OVER)

    def _is_in(self, states: set[SubmissionState] | frozenset[SubmissionState]) -> bool:
        return self.submission is not None and SubmissionState(self.submission["state"]) in states


def ask_welcome(node: Node, alias: str) -> Standing:
    """Ask before any slide is converted; costs a few requests.

    Raises `SignInError` where the token is not known, `ForbiddenError` where the account may not
    submit.
    """
    person = node.get("/api/v1/sessions/current").get("person")
    if person is None:
        raise SignInError(
            "the node does not know this token.",
            place=node.url,
            remedy="Make a new one in the portal (Account), or give --user.",
        )
    if Permission.SUBMISSION_CREATE not in person["permissions"]:
        raise ForbiddenError(
            "your account may not submit.", remedy="Ask a steward for the role contributor."
        )
    mine = (
        each
        for each in node.items("/api/v1/submissions", limit=500)
        if each["alias"] == alias and each["state"] != SubmissionState.REPLACED
    )
    return Standing(next(mine, None))


def has_same_documents(node: Node, standing: Standing, digests: Mapping[str, str]) -> bool:
    """Whether an earlier submission holds the same files, images aside.

    `digests` maps each path of the dataset folder to its SHA-256. Images, and the document that
    lists them, change on the way from scanner file to DICOM and are not compared.
    """
    then = {
        row["path"]: row["sha256"]
        for row in node.items(f"/api/v1/submissions/{standing.accession}/files", limit=500)
    }
    return _compared(then) == _compared(digests)


def _compared(digests: Mapping[str, str]) -> dict[str, str]:
    return {
        path: digest
        for path, digest in digests.items()
        if not path.startswith("IMAGES/") and path != "METADATA/image.xml"
    }
