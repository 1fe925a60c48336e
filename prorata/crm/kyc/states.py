"""The states of a check, and the steps from one to another. There are no others.

    STARTED -> SUBMITTED -> IN_REVIEW -> APPROVED -> EXPIRED
       ^___________|____________|  |        |
         send back              REJECTED <--+ revoked

REJECTED and EXPIRED are for good: another check is begun.
"""

from collections.abc import Mapping
from enum import StrEnum


class CheckState(StrEnum):
    STARTED = "STARTED"
    """the person gathers what is asked of him"""
    SUBMITTED = "SUBMITTED"
    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


S = CheckState


class CheckStep(StrEnum):
    START = "start"
    SUBMIT = "submit"
    TAKE = "take"
    AGREE = "agree"
    """one of several reviewers agrees"""
    APPROVE = "approve"
    REJECT = "reject"
    SEND_BACK = "send back"
    EXPIRE = "expire"


STEPS: Mapping[CheckStep, tuple[frozenset[CheckState], CheckState]] = {
    CheckStep.SUBMIT: (frozenset({S.STARTED}), S.SUBMITTED),
    CheckStep.TAKE: (frozenset({S.SUBMITTED, S.IN_REVIEW}), S.IN_REVIEW),
    CheckStep.AGREE: (frozenset({S.IN_REVIEW}), S.IN_REVIEW),
    CheckStep.APPROVE: (frozenset({S.IN_REVIEW}), S.APPROVED),
    CheckStep.REJECT: (frozenset({S.SUBMITTED, S.IN_REVIEW, S.APPROVED}), S.REJECTED),
    CheckStep.SEND_BACK: (frozenset({S.SUBMITTED, S.IN_REVIEW}), S.STARTED),
    CheckStep.EXPIRE: (frozenset({S.APPROVED}), S.EXPIRED),
}
"""From which states a step leads, and to which."""
