"""Match: what a policy says to a coded purpose, clause by clause; advice, for people to decide."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from bigpicture.access.data_use.always import judge_always
from bigpicture.access.data_use.diseases import Lineage, NoLineage
from bigpicture.access.data_use.modifiers import Asked, judge_modifiers
from bigpicture.access.data_use.permission import judge_permission
from bigpicture.access.data_use.reason import Answer, Reason, strictest
from bigpicture.access.data_use.standard import judge_standard
from bigpicture.model import data_use as duo
from bigpicture.model.canonical import digest
from bigpicture.model.purpose import CodedPurpose
from bigpicture.model.use_policy import UsePolicy

ALGORITHM = "1"
"""Raised with every change of a rule, so that an old match can be told from a new one."""


@dataclass(frozen=True, slots=True)
class Match:
    """`id` is a digest of all that the answer rests on: the same again gives the same.

    `terminologies` is the version of the hierarchy that diseases were judged by, MONDO in it.
    """

    id: str
    answer: Answer
    reasons: tuple[Reason, ...]
    policy: str
    algorithm: str
    duo: str
    terminologies: str

    def as_json(self) -> dict[str, object]:
        """Return what is stored and shown."""
        return asdict(self)


def match(policy: UsePolicy, purpose: CodedPurpose, lineage: Lineage | None = None) -> Match:
    """Match a purpose against a policy.

    Any clause that denies denies; else any that is for people, or that lacks what it is judged by,
    makes it theirs; else it is allowed. Reasons come strictest first, then by clause.
    """
    known = lineage or NoLineage()
    reasons = {
        *judge_always(purpose),
        *judge_permission(policy, purpose, known),
        *judge_modifiers(Asked(policy, purpose, known)),
        *judge_standard(policy, purpose),
    }
    strictness = list(Answer)[::-1]
    ordered = sorted(
        reasons, key=lambda each: (strictness.index(each.answer), each.clause, each.text)
    )
    rests_on = {
        "policy": policy.hash,
        "algorithm": ALGORITHM,
        "duo": duo.RELEASE,
        "terminologies": known.version,
    }
    return Match(
        id=digest({**rests_on, "purpose": purpose.as_json()}),
        answer=strictest(each.answer for each in ordered),
        reasons=tuple(ordered),
        **rests_on,
    )
