"""What holds for every policy: what is prohibited to all, and what people always judge."""

from __future__ import annotations

from collections.abc import Iterator

from bigpicture.access.data_use.reason import Answer, Reason
from bigpicture.model.purpose import PROHIBITED, SENSITIVE, CodedPurpose, Prohibited

_RULE = dict.fromkeys(Prohibited, "EHDS, article 54") | {Prohibited.IDENTIFYING: "EHDS, article 61"}


def judge_always(purpose: CodedPurpose) -> Iterator[Reason]:
    """Yield what no policy can allow, what it cannot decide, and what was not said of either."""
    if purpose.prohibited is None:
        yield _unsaid("prohibited", "Prohibited to all", "whether it serves what is prohibited")
    for each in sorted(purpose.prohibited or ()):
        text = f"Nobody may use health data for this ({_RULE[each]})."
        yield Reason(f"prohibited:{each}", PROHIBITED[each].label, Answer.DENY, text)
    if purpose.sensitive is None:
        yield _unsaid("sensitive", "Sensitive matters", "whether it touches sensitive matters")
    for each in sorted(purpose.sensitive or ()):
        text = "People always judge this, whatever the policy says."
        yield Reason(f"sensitive:{each}", SENSITIVE[each].label, Answer.HUMAN, text)
    if purpose.recipients is None:
        yield _unsaid("recipients", "Who else gets the data", "who else gets the data")
    elif purpose.recipients:
        yield Reason(
            "recipients",
            "Who else gets the data",
            Answer.HUMAN,
            "Others than the applicant's organisation would get the data; people judge that.",
        )


def _unsaid(clause: str, name: str, what: str) -> Reason:
    return Reason(clause, name, Answer.HUMAN, f"The purpose does not say {what}.")
