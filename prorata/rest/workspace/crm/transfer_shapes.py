"""What is sent about transfers and problems of payments, and what is shown."""

from typing import Annotated

import msgspec
from msgspec import Meta

from prorata.crm.problems import Problem
from prorata.crm.transfers import Transfer, TransferStatus
from prorata.rest.workspace.crm.shapes import Amount, Percent, Words
from prorata.rest.workspace.organizations.shapes import Uuid
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import LOGIN_MAX, Login
from prorata.views.bodies import Body
from prorata.views.numbers import show_moment, show_moment_or_none, show_percent


class PlaceGiven(Body, frozen=True, kw_only=True):
    """A trading account."""

    platform: Uuid
    login: Annotated[int, Meta(ge=1, le=LOGIN_MAX, examples=[20_000_001])]


class NewTransfer(Body, frozen=True, kw_only=True):
    """`account`: whose money it is. `source`, `target`: his trading accounts; null: his wallet."""

    account: Uuid
    source: PlaceGiven | None = None
    target: PlaceGiven | None = None
    amount: Amount
    comment: Words = ""


class TransferTerms(Body, frozen=True, kw_only=True):
    """`markup_percent`: what the house keeps of money that is converted, at most 10."""

    markup_percent: Percent


class TransferView(msgspec.Struct, frozen=True, kw_only=True):
    """`source`, `target`: logins; null: the wallet. `rate`: of one unit of `currency`, before the markup. `remainder`: rounded
    off.
    """

    uuid: str
    status: TransferStatus
    account: str
    email: str
    source_platform: str
    source: Login | None
    target_platform: str
    target: Login | None
    amount: str
    currency: str
    arriving: str
    arriving_currency: str
    fee: str
    rate: str
    markup_percent: str
    remainder: str
    comment: str
    remark: str
    created_by: str
    created_at: str
    ended_at: str | None


class TransferTermsView(msgspec.Struct, frozen=True, kw_only=True):
    markup_percent: str


class Settlement(Body, frozen=True, kw_only=True):
    """`note`: how it was settled. `paid`: whether the money has moved outside; said of `unanswered`, and of nothing else."""

    note: Annotated[Words, Meta(min_length=1)]
    paid: bool | None = None


class ProblemView(msgspec.Struct, frozen=True, kw_only=True):
    """`about`: the uuid of what `kind` says. `next_at`: when it is tried again; null: never."""

    uuid: str
    kind: str
    about: str
    step: str
    reason: str
    platform: str
    tries: int
    trying: bool
    next_at: str | None
    created_at: str
    ended_at: str | None
    outcome: str


def transfer_view(transfer: Transfer) -> TransferView:
    before, after = CURRENCY_DIGITS[transfer.currency], CURRENCY_DIGITS[transfer.arriving_currency]
    return TransferView(
        uuid=transfer.uuid, status=transfer.status, account=transfer.account_uuid, email=transfer.email,
        source_platform=transfer.source_platform, source=transfer.source_login, target_platform=transfer.target_platform,
        target=transfer.target_login, amount=format_decimal(transfer.amount, before), currency=transfer.currency,
        arriving=format_decimal(transfer.arriving, after), arriving_currency=transfer.arriving_currency,
        fee=format_decimal(transfer.fee, after), rate=transfer.rate, markup_percent=show_percent(transfer.markup_ppm),
        remainder=transfer.remainder, comment=transfer.comment, remark=transfer.remark, created_by=transfer.created_by,
        created_at=show_moment(transfer.created_at), ended_at=show_moment_or_none(transfer.ended_at),
    )  # fmt: skip


def problem_view(problem: Problem) -> ProblemView:
    return ProblemView(
        uuid=problem.uuid, kind=problem.table, about=problem.about, step=problem.step, reason=problem.reason,
        platform=problem.platform_uuid, tries=problem.tries, trying=problem.trying,
        next_at=show_moment_or_none(problem.next_at), created_at=show_moment(problem.created_at),
        ended_at=show_moment_or_none(problem.ended_at), outcome=problem.outcome,
    )  # fmt: skip
