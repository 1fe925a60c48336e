"""Withdrawals that are on the account again: how their bookings are told from deposits.

The money of a withdrawal leaves the account when it is asked for (decision 0024); so does that of a transfer. What does not
arrive comes back as a deposit, since a trade platform knows no other way in. The external id says what it is, to programs; the
comment says it to people, wherever bookings are shown.
"""

import re

PAYMENT_RETURN = "return"
TRANSFER_BACK = "transfer-back"
"""steps whose booking gives back what a withdrawal had taken"""
_COMMENT = "Withdrawal returned"
_RETURN = re.compile(rf"crm [0-9a-f-]{{36}} ({PAYMENT_RETURN}|{TRANSFER_BACK})")


def is_return(external_id: str) -> bool:
    """Say whether a booking gives back what a withdrawal had taken."""
    return _RETURN.fullmatch(external_id) is not None


def comment_of_return(said: str) -> str:
    """Return the comment of such a booking. `said`: what was said to the withdrawal."""
    return f"{_COMMENT}: {said}" if said else _COMMENT


def said_in(comment: str) -> str:
    """Return what was said to a withdrawal by the comment of its return: for those who name the kind themselves."""
    return comment.removeprefix(_COMMENT).removeprefix(": ")
