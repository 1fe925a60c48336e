"""Prop accounts: how they begin and end, and what the trade platform is asked for.

What an account is to be on its trade platform is in its row: its access, whether its positions are to be closed, its guards.
Whoever changes that says so (`go_on`), and the steps follow one after the other, never two at once:

    open -> access -> close -> fund -> guards -> pay

A new account may not trade until its guards are set: it is opened, its right to trade is taken, it is given its balance and its
guards, and then its right to trade. A handler may want something while a step is under way: it is done after that one,
whatever is cut off where.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, func, insert, or_, select, update

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.paging import Slice
from prorata.crm.accounts import CrmAccount, Verification, hold_person
from prorata.crm.activity import TimelineEvent, tell
from prorata.crm.crossing import Afterwards, Crossing, Crossings, subject_of
from prorata.crm.events import emit
from prorata.crm.kyc.gate import check_may
from prorata.crm.kyc.levels import Right
from prorata.crm.problems import Problems
from prorata.crm.prop.challenges import Challenge, Phase
from prorata.crm.prop.records import (
    ACTIVE,
    GOING,
    GUARDED,
    LISTING,
    READ,
    TABLE,
    Decided,
    Failure,
    PropAccount,
    PropFilter,
    PropStatus,
    account_from,
    failure_from,
    other_conditions,
    own_conditions,
)
from prorata.crm.prop.shop import configuration_of, price_within, use_discount
from prorata.crm.prop.tables import account_add_ons, add_ons, competitions, days, evaluations, failures, prop_accounts
from prorata.crm.prop.terms import AddOn, Kind, Progress, Rates, Terms, with_add_on
from prorata.crm.settings import Offer
from prorata.crm.tables import TEXT_LENGTH_MAX, accounts, crossings, offers
from prorata.crm.trading import TradingAccounts, not_opened
from prorata.messages.commands import Access, BalanceKind, BookBalance, ChangeAccount, Command, SetGuards
from prorata.messages.dealer_commands import DealerCloseAll
from prorata.messages.events import Refused
from prorata.messages.refusals import Refusal

S = PropStatus
OPEN, FUND, ACCESS, CLOSE, GUARDS, RESET = (
    "prop-open", "prop-fund", "prop-access", "prop-close", "prop-guards", "prop-reset"
)  # fmt: skip
DAYS_SHOWN = 400
STEPS_AT_ONCE = 100
ROWS_AT_ONCE = 500

Last = Callable[[Connection, RowMapping], None]
"""Adds a step for an account whose other steps are done, if there is one."""


class PropAccounts:
    """Blocks on the database. `by`: who does it, as the timeline shows it."""

    def __init__(self, database: Database, crossings: Crossings, trading: TradingAccounts, problems: Problems) -> None:
        self._database = database
        self._crossings = crossings
        self._problems = problems
        self._trading = trading
        self.at_last: Last = _nothing
        """what comes after all other steps"""
        effects: dict[str, Callable[[Connection, Crossing, Refused | None], Afterwards | None]] = {
            OPEN: self._opened, ACCESS: self._access_set, CLOSE: self._closed, FUND: self._funded, RESET: self._reset,
            GUARDS: self._guarded,
        }  # fmt: skip
        crossings.effects.update(effects)
        problems.settled.update({FUND: self._fund_again, ACCESS: self._again, GUARDS: self._again, RESET: self._again})

    # What is there.

    def find(self, organization_id: int, account_uuid: str) -> PropAccount:
        """Raises `NotFound`."""
        return self._one((prop_accounts.c.organization_id == organization_id) & (prop_accounts.c.uuid == account_uuid))

    def get(self, number: int) -> PropAccount:
        """Return the account of a row. Raises `NotFound`."""
        return self._one(prop_accounts.c.id == number)

    def _one(self, which: ColumnElement[bool]) -> PropAccount:
        with self._database.reading() as connection:
            row = connection.execute(READ.where(which)).mappings().first()
        if row is None:
            raise NotFound
        return account_from(row)

    def search(self, organization_id: int, wanted: PropFilter, part: Slice) -> tuple[list[PropAccount], int]:
        """Return a part of the accounts, and how many there are. `part.field`: as in `records.ORDERS`."""
        with self._database.reading() as connection:
            rows, total = LISTING.part(
                connection, organization_id, own_conditions(wanted), other_conditions(wanted), part
            )  # fmt: skip
        return [account_from(row) for row in rows], total

    def of_person(self, account_id: int) -> list[PropAccount]:
        """Return a person's prop accounts, newest first."""
        query = READ.where(prop_accounts.c.account_id == account_id).order_by(prop_accounts.c.id.desc())
        with self._database.reading() as connection:
            return [account_from(row) for row in connection.execute(query).mappings()]

    def of_competition(self, competition_id: int) -> list[PropAccount]:
        """Return the entries of a competition."""
        with self._database.reading() as connection:
            return self.within(connection, competition_id)

    def within(self, connection: Connection, competition_id: int) -> list[PropAccount]:
        """As `of_competition`."""
        query = READ.where(prop_accounts.c.competition_id == competition_id).order_by(prop_accounts.c.id)
        return [account_from(row) for row in connection.execute(query).mappings()]

    def failure(self, account: PropAccount) -> Failure:
        """Return the account at the quote that ended it last. Raises `NotFound`: none has."""
        query = select(failures).where(failures.c.prop_account_id == account.id).order_by(failures.c.id.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            raise NotFound
        return failure_from(row)

    def days(self, account: PropAccount) -> list[RowMapping]:
        """Return its days, newest first: day, balance, equity, result, deals."""
        query = select(days).where(days.c.prop_account_id == account.id).order_by(days.c.day.desc()).limit(DAYS_SHOWN)
        with self._database.reading() as connection:
            return list(connection.execute(query).mappings())

    # How they begin.

    def take_up(
        self, owner: CrmAccount, challenge: Challenge, *, step: int = 1, add_on_uuids: Sequence[str] = (), code: str = "",
        name: str = "", paid: bool, by: str,
    ) -> PropAccount:  # fmt: skip
        """Take up a challenge for somebody, from a phase on. `paid`: its account is opened at once. Raises `Declined`."""
        phase = next((phase for phase in challenge.phases if phase.step == step), None)
        if phase is None:
            raise Declined(Refusal.UNKNOWN_REFERENCE, "phaseStep: the challenge has no such phase")
        check_person(owner, branch_id=challenge.branch_id, hidden=challenge.hidden, kyc_required=challenge.kyc_required)
        with self._database.writing() as connection:
            if challenge.kyc_required:
                check_may(connection, owner.id, Right.TRADE, self._database.now())
            self._check_room(connection, owner)
            price = price_within(connection, challenge, add_on_uuids, code, self._database.now())
            if price.discount_id is not None:
                use_discount(connection, price.discount_id)
            number = self._insert(
                connection, owner.organization_id, owner.id, _with(phase, list(price.add_ons)).terms, phase.offer_id,
                name=name or challenge.name, challenge_id=challenge.id, phase_id=phase.id, due=price.amount,
                discount_id=price.discount_id,
            )  # fmt: skip
            for add_on in price.add_ons:
                connection.execute(insert(account_add_ons).values(prop_account_id=number, add_on_id=add_on.id))
            if paid:
                self._begin(connection, number, by)
        return self.get(number)

    def enter(
        self, connection: Connection, owner: CrmAccount, competition: RowMapping, terms: Terms, *, name: str, paid: bool,
        by: str,
    ) -> int:  # fmt: skip
        """Enter somebody into a competition that is open for him; return the number of the row."""
        number = self._insert(
            connection, owner.organization_id, owner.id, terms, competition["offer_id"], name=name or _shown(owner),
            competition_id=competition["id"], due=competition["fee"],
        )  # fmt: skip
        if paid:
            self._begin(connection, number, by)
        return number

    def follow_up(self, connection: Connection, row: RowMapping, phase: Phase, *, by: str) -> int:
        """Let somebody go on in an account of the next phase, with the add-ons that he has; return its number."""
        of = account_add_ons.c.prop_account_id == row["id"]
        query = select(add_ons).join(account_add_ons, account_add_ons.c.add_on_id == add_ons.c.id).where(of)
        taken = connection.execute(query.order_by(add_ons.c.id)).mappings().all()
        changes = [AddOn(kind=Kind(one["kind"]), value=one["value"], price_ppm=one["price_ppm"]) for one in taken]
        number = self._insert(
            connection, row["organization_id"], row["account_id"], _with(phase, changes).terms, phase.offer_id,
            name=row["name"], challenge_id=row["challenge_id"], phase_id=phase.id, previous_id=row["id"],
        )  # fmt: skip
        for one in taken:
            connection.execute(insert(account_add_ons).values(prop_account_id=number, add_on_id=one["id"]))
        self._begin(connection, number, by)
        return number

    def _insert(
        self, connection: Connection, organization_id: int, account_id: int, terms: Terms, offer_id: int, **more: Any
    ) -> int:  # fmt: skip
        now, begin = self._database.now(), terms.initial_balance
        progress = Progress(balance=begin, highest=begin, base=begin if terms.daily_loss else 0)
        row: dict[str, Any] = {
            "uuid": str(uuid.uuid4()), "organization_id": organization_id, "account_id": account_id, "offer_id": offer_id,
            "status": S.WAITING_FOR_PAYMENT.value, "evaluation": "", "remark": "", "due": 0,
            **{name: getattr(terms, name) for name in Terms.__struct_fields__},
            **{name: getattr(progress, name) for name in Progress.__struct_fields__},
            "place": 0, "final_equity": 0, "prize": "", "access": Access.TRADING_DISABLED.value,
            "access_set": Access.FULL.value, "close_due": False, "fund_due": True, "guards_due": True, "reset_due": False,
            "step_due": False, "created_at": now, "updated_at": now, "activated_at": 0, "ended_at": 0,
        }  # fmt: skip
        made = connection.execute(insert(prop_accounts).values(row | more)).inserted_primary_key
        assert made is not None
        number: int = made[0]
        told = connection.execute(READ.where(prop_accounts.c.id == number)).mappings().one()
        emit(connection, account_id, "prop_account_changed", _told(told), now)
        return number

    def _check_room(self, connection: Connection, owner: CrmAccount) -> None:
        # Whoever takes up two at once waits here, and then finds the first.
        hold_person(connection, owner.id)
        most = configuration_of(connection, owner.organization_id).active_max
        mine = (prop_accounts.c.account_id == owner.id) & prop_accounts.c.challenge_id.is_not(None)
        going = prop_accounts.c.status.in_(sorted(status.value for status in GOING))
        there = connection.execute(select(func.count()).select_from(prop_accounts).where(mine, going)).scalar_one()
        if most and there >= most:
            raise Declined(Refusal.PROP_CLOSED, f"a person has at most {most} challenges going at once")

    def _begin(self, connection: Connection, number: int, by: str) -> None:
        """Ask for the trading account."""
        row = connection.execute(READ.where(prop_accounts.c.id == number)).mappings().one()
        offer = Offer(**connection.execute(select(offers).where(offers.c.id == row["offer_id"])).mappings().one())
        trading_account_id, command = self._trading.insert(connection, row["account_id"], offer, by=by)
        begun = {"status": S.OPENING.value, "trading_account_id": trading_account_id, "remark": ""}
        self.put(connection, number, **begun)
        self.add_step(connection, row, OPEN, command)

    # How they end, and begin again.

    def activate(self, account: PropAccount, *, by: str) -> PropAccount:
        """It has been paid for: open it. One that has failed may go on, from the day's base that it has now.

        Raises `Declined`: it is neither, or is below its floor.
        """
        if account.status in ACTIVE:
            return account
        with self._database.writing() as connection:
            row = self.row(connection, account.id)
            if is_blocked(connection, row["account_id"]):
                raise Declined(Refusal.PROP_CLOSED, "the account is blocked")
            if row["status"] == S.WAITING_FOR_PAYMENT:
                self._begin(connection, account.id, by)
            elif row["status"] == S.LOCKED_FAILED_CHALLENGE and row["trading_account_id"] is not None:
                self._check_alive(connection, account_from(row))
                # As at its beginning: guards first. Its balance is booked once, however often it is asked for.
                self.put(
                    connection, account.id, status=S.OPENING.value, evaluation="", remark="", ended_at=0, close_due=False,
                    fund_due=True, guards_due=True,
                )  # fmt: skip
                self.go_on(connection, account.id)
            else:
                raise Declined(Refusal.PROP_STATE, f"the account is {row['status']}")
        return self.get(account.id)

    def _check_alive(self, connection: Connection, account: PropAccount) -> None:
        over = select(competitions.c.frozen_at).where(competitions.c.id == account.competition_id)
        if account.competition_id is not None and connection.execute(over).scalar_one():
            raise Declined(Refusal.COMPETITION_CLOSED, "the competition is over")
        floor = account.terms.floor(account.progress.highest)
        if floor and account.progress.balance <= floor:
            raise Declined(Refusal.PROP_STATE, "the balance is not above the floor: the account would fail again at once")

    def deactivate(self, account: PropAccount, *, by: str, remark: str = "") -> PropAccount:
        """End an account by hand: its positions are closed. Raises `Declined`: it has ended."""
        with self._database.writing() as connection:
            row = self.row(connection, account.id)
            if row["status"] not in GOING:
                raise Declined(Refusal.PROP_STATE, f"the account is {row['status']}")
            said = (remark or f"by {by}")[:TEXT_LENGTH_MAX]
            self.drop_request(connection, row["id"], said)
            self.end(connection, row, S.LOCKED_FAILED_CHALLENGE, remark=said, final_equity=row["balance"])
            self.tell(connection, row, TimelineEvent.PROP_FAILED, by)
        return self.get(account.id)

    def end(self, connection: Connection, row: RowMapping, status: PropStatus, **more: Any) -> None:
        """Let an account end: nobody trades on it any more, what is open is closed."""
        values = {"status": status.value, "ended_at": self._database.now(), **more}
        if row["trading_account_id"] is not None:
            values |= {"access": Access.TRADING_DISABLED.value, "close_due": True, "fund_due": False, "guards_due": True}
        self.put(connection, row["id"], **values)
        self.go_on(connection, row["id"])

    def drop_request(self, connection: Connection, number: int, reason: str) -> None:
        """Reject the evaluation that waits for an account that has ended."""
        waits = (evaluations.c.prop_account_id == number) & (evaluations.c.status == Decided.PENDING.value)
        values = {"status": Decided.REJECTED.value, "reason": reason, "decided_at": self._database.now()}
        connection.execute(update(evaluations).where(waits).values(values))

    def snapshot(self, account: PropAccount) -> PropAccount:
        """Take the day's base anew, from the account as it is now. Raises `Declined`: it has no daily loss, or has ended."""
        if account.status not in ACTIVE or not account.terms.daily_loss:
            raise Declined(Refusal.PROP_STATE, "only an account that is active, with a limit to the day's loss, has a base")
        with self._database.writing() as connection:
            self.row(connection, account.id)
            self.put(connection, account.id, reset_due=True)
            self.go_on(connection, account.id)
        return self.get(account.id)

    # Steps into the trade platform.

    def row(self, connection: Connection, number: int) -> RowMapping:
        """Return an account's row, and hold it until the end of the transaction."""
        connection.execute(select(prop_accounts.c.id).where(prop_accounts.c.id == number).with_for_update())
        return connection.execute(READ.where(prop_accounts.c.id == number)).mappings().one()

    def put(self, connection: Connection, number: int, **values: Any) -> None:
        """Change an account's row; a status that is another than before is told to subscribers."""
        now, mine = self._database.now(), prop_accounts.c.id == number
        told = {name: values[name] for name in ("status", "evaluation") if name in values}
        changes = (
            told
            and connection.execute(
                select(prop_accounts.c.id).where(mine, or_(*(prop_accounts.c[name] != told[name] for name in told)))
            ).first()
        )
        connection.execute(update(prop_accounts).where(mine).values({**values, "updated_at": now}))
        if changes:
            row = connection.execute(READ.where(mine)).mappings().one()
            emit(connection, row["account_id"], "prop_account_changed", _told(row), now)

    def go_on(self, connection: Connection, number: int) -> None:
        """Take the next step that is due, unless one is under way: then it follows that one."""
        row = self.row(connection, number)
        waits = (crossings.c.subject == subject_of(TABLE, number)) & (crossings.c.answered_at == 0)
        if row["trading_account_id"] is None or connection.execute(select(crossings.c.id).where(waits)).first() is not None:
            return
        if row["access"] != row["access_set"]:
            self.add_step(connection, row, ACCESS, ChangeAccount(row["login"], access=Access(row["access"])))
        elif row["close_due"]:
            self.put(connection, number, close_due=False)
            self.add_step(connection, row, CLOSE, DealerCloseAll(row["login"]))
        elif row["fund_due"]:
            self.put(connection, number, fund_due=False)
            external_id = f"crm {row['uuid']} begin"
            command = BookBalance(row["login"], BalanceKind.DEPOSIT, row["initial_balance"], external_id, "Initial balance")
            self.add_step(connection, row, FUND, command)
        elif row["reset_due"]:
            # Without a daily loss there is no base; given one again, the platform takes the base from the account as it is.
            self.put(connection, number, reset_due=False)
            self.add_step(connection, row, RESET, guards_of(row, daily=False))
        elif row["guards_due"]:
            self.put(connection, number, guards_due=False)
            self.add_step(connection, row, GUARDS, guards_of(row))
        else:
            self.at_last(connection, row)

    def put_many(self, connection: Connection, changes: Sequence[Mapping[str, Any]]) -> None:
        """Change many accounts at once, all in the same columns; `number` says which. Their steps follow (`step_many`)."""
        if not changes:
            return
        now, columns = self._database.now(), [name for name in changes[0] if name != "number"]
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
        change = update(prop_accounts).where(prop_accounts.c.id == bindparam("the_number"))
        rows = [{"the_number": one["number"], **{f"new_{name}": one[name] for name in columns}} for one in changes]
        connection.execute(change.values({**values, "updated_at": now, "step_due": True}), rows)
        if "status" in columns:
            for begin in range(0, len(changes), ROWS_AT_ONCE):
                mine = prop_accounts.c.id.in_([one["number"] for one in changes[begin : begin + ROWS_AT_ONCE]])
                for row in connection.execute(READ.where(mine)).mappings().all():
                    emit(connection, row["account_id"], "prop_account_changed", _told(row), now)

    def step_many(self, limit: int = STEPS_AT_ONCE) -> int:
        """Take the next step of accounts that were changed together; return of how many."""
        query = select(prop_accounts.c.id).where(prop_accounts.c.step_due).order_by(prop_accounts.c.id).limit(limit)
        with self._database.writing() as connection:
            numbers = connection.execute(query).scalars().all()
            for number in numbers:
                self.put(connection, number, step_due=False)
                self.go_on(connection, number)
        return len(numbers)

    def add_step(self, connection: Connection, row: RowMapping, step: str, command: Command) -> None:
        self._crossings.add(
            connection, row["organization_id"], row["platform_uuid"], subject_of(TABLE, row["id"]), step, command
        )  # fmt: skip

    def _opened(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> Afterwards | None:
        row = self.row(connection, crossing.subject_id)
        if not_opened(refused):
            assert refused is not None
            self.put(
                connection, row["id"], status=S.WAITING_FOR_PAYMENT.value, trading_account_id=None, remark=_said(refused)
            )  # fmt: skip
            self._trading.forget(connection, row["trading_account_id"])
        elif self._trading.is_opened(connection, crossing, row["trading_account_id"], refused):
            self.go_on(connection, row["id"])
            return self._trading.write_card(connection, row["trading_account_id"])
        return None

    def _guarded(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        if self._stays(connection, crossing, refused):
            return
        row = self.row(connection, crossing.subject_id)
        if row["status"] == S.OPENING:
            self._let_trade(connection, row)
        self.go_on(connection, row["id"])

    def _let_trade(self, connection: Connection, row: RowMapping) -> None:
        """Everything is there: it may trade, or waits for its competition to begin."""
        competition = select(competitions.c.started_at).where(competitions.c.id == row["competition_id"])
        if row["competition_id"] is not None and not connection.execute(competition).scalar_one():
            self.put(connection, row["id"], status=S.WAITING_FOR_START.value)
        else:
            self.put(connection, row["id"], access=Access.FULL.value)

    def _access_set(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        assert isinstance(crossing.command, ChangeAccount)
        access = crossing.command.access
        assert access is not None
        if self._stays(connection, crossing, refused):
            return
        self.put(connection, crossing.subject_id, access_set=access.value)
        row = self.row(connection, crossing.subject_id)
        if access == Access.FULL and row["status"] in (S.OPENING, S.WAITING_FOR_START):
            status = account_from(row).running_status.value
            self.put(connection, row["id"], status=status, activated_at=self._database.now())
            self.tell(connection, row, TimelineEvent.PROP_ACCOUNT_OPENED, "prop trading")
        self.go_on(connection, row["id"])

    def _reset(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        if not self._stays(connection, crossing, refused):
            self.put(connection, crossing.subject_id, guards_due=True)
            self.go_on(connection, crossing.subject_id)

    def _funded(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        if not self._stays(connection, crossing, refused):
            self.go_on(connection, crossing.subject_id)

    def _closed(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        # Nothing to close is as good as closed; what could not be closed, its market being shut, stays with a locked account.
        self.go_on(connection, crossing.subject_id)

    def _stays(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> bool:
        """Say whether a step was refused; then the account stays as it is until people have looked at it."""
        if refused is None:
            self._problems.over(connection, crossing.subject)
            return False
        self.put(connection, crossing.subject_id, remark=_said(refused))
        row = self.row(connection, crossing.subject_id)
        self._problems.of_people(
            connection, crossing.organization_id, crossing.platform_uuid, crossing.subject, row["uuid"], crossing.step,
            _said(refused),
        )  # fmt: skip
        return True

    def _again(self, connection: Connection, number: int, _note: str) -> None:
        """People have seen to what was in the way: the step is taken again, as the account is to be by now."""
        row = self.row(connection, number)
        self.put(connection, number, remark="", guards_due=account_from(row).terms.is_guarded)
        self.go_on(connection, number)

    def _fund_again(self, connection: Connection, number: int, _note: str) -> None:
        self.put(connection, number, remark="", fund_due=True)
        self.go_on(connection, number)

    def tell(self, connection: Connection, row: RowMapping, event: TimelineEvent, by: str) -> None:
        phase = row["phase_name"] or row["competition_name"] or ""
        tell(connection, row["account_id"], event, f"{row['login']} {row['name']} {phase}"[:300], by, self._database.now())


def guards_of(row: RowMapping, *, daily: bool = True) -> SetGuards:
    """Return the guards that an account is to have; one that has ended has none. The day's base stays."""
    if row["status"] not in GUARDED:
        return SetGuards(row["login"])
    account = account_from(row)
    terms = account.terms
    assert account.login is not None
    floor, target = terms.floor(account.progress.highest), terms.target_level
    if account.evaluation or target <= floor:
        # It has been told already.
        target = 0
    return SetGuards(account.login, floor, terms.daily_loss if daily else 0, terms.daily_base, target)


def check_person(owner: CrmAccount, *, branch_id: int, hidden: bool, kyc_required: bool) -> None:
    """Raise `Declined` unless a challenge or competition is open for somebody."""
    if hidden:
        raise Declined(Refusal.PROP_CLOSED, "it is hidden: nobody takes it up any more")
    if owner.branch_id != branch_id:
        raise Declined(Refusal.PROP_CLOSED, "it is of another branch")
    if owner.verification == Verification.BLOCKED:
        raise Declined(Refusal.PROP_CLOSED, "the account is blocked")
    if kyc_required and owner.verification != Verification.VERIFIED:
        raise Declined(Refusal.PROP_CLOSED, "it is for verified accounts")


def _told(row: RowMapping) -> dict[str, Any]:
    """Return what subscribers are told of a prop account."""
    return {
        "propAccount": {
            "uuid": row["uuid"], "login": None if row["login"] is None else str(row["login"]),
            "systemUuid": row["platform_uuid"], "status": row["status"], "evaluationStatus": row["evaluation"] or None,
            "challengeId": row["challenge_uuid"], "phaseStep": row["phase_step"], "competitionId": row["competition_uuid"],
        }
    }  # fmt: skip


def is_blocked(connection: Connection, account_id: int) -> bool:
    """Say whether somebody may do nothing."""
    query = select(accounts.c.verification).where(accounts.c.id == account_id)
    return bool(connection.execute(query).scalar_one() == Verification.BLOCKED)


def _with(phase: Phase, taken: Sequence[AddOn]) -> Rates:
    rates: Rates = Rates(**{name: getattr(phase, name) for name in Rates.__struct_fields__})
    for add_on in taken:
        rates = with_add_on(rates, add_on)
    return rates


def _shown(owner: CrmAccount) -> str:
    """Return how others see somebody who has chosen no name: Ann Lee is Ann L."""
    return f"{owner.first_name} {owner.last_name[:1]}.".strip() if owner.last_name else owner.first_name or "A trader"


def _said(refused: Refused) -> str:
    return (refused.detail or refused.code.name)[:TEXT_LENGTH_MAX]


def _nothing(_connection: Connection, _row: RowMapping) -> None:
    """Nothing comes last."""
