"""Rows of what is added up in copy trading, and of what is polled for accounts elsewhere."""

from prorata.messages.copy_terms import TransferType
from prorata.projections.rows import Row
from prorata.units.numbers import DealId, Minor, Moment, Volume


class InvestmentTotalsRow(Row, frozen=True):
    """All deals of an investment, added up. `volume`: bought and sold; costs and money moved are 0 or more."""

    investment: int
    deals: int
    volume: Volume
    profit: Minor
    swap: Minor
    broker_commission: Minor
    liquidity_commission: Minor
    trader_commission: Minor
    partner_commission: Minor
    fees: Minor
    funded: Minor
    withdrawn: Minor
    corrections: Minor
    rejected: int

    @property
    def commission(self) -> Minor:
        return self.broker_commission + self.liquidity_commission + self.trader_commission + self.partner_commission

    @property
    def balance(self) -> Minor:
        moved = self.funded - self.withdrawn + self.corrections
        return moved + self.profit + self.swap - self.commission - self.fees


class ClientTotalsRow(Row, frozen=True):
    """What a client has done in one currency. Virtual master investments are left out; amounts as in investments' totals."""

    client: int
    currency: str
    company: int
    test: int
    funds_in: Minor
    funds_out: Minor
    bonus_in: Minor
    bonus_out: Minor
    fees_received: Minor
    commissions_received: Minor
    partner_received: Minor
    wallets_balance: Minor
    """what is reserved for a withdrawal is counted until it is paid"""
    investments_active: int
    investments_closed: int
    strategies_active: int
    strategies_closed: int
    deals: int
    volume: Volume
    profit: Minor
    swap: Minor
    broker_commission: Minor
    liquidity_commission: Minor
    trader_commission: Minor
    partner_commission: Minor
    fees: Minor
    funded: Minor
    withdrawn: Minor
    corrections: Minor
    rejected: int

    @property
    def commission(self) -> Minor:
        return self.broker_commission + self.liquidity_commission + self.trader_commission + self.partner_commission

    @property
    def investments_balance(self) -> Minor:
        moved = self.funded - self.withdrawn + self.corrections
        return moved + self.profit + self.swap - self.commission - self.fees


class CompanyDayRow(Row, frozen=True):
    """What the clients of a company had at the end of a day, without tests and virtual masters."""

    company: int
    currency: str
    day: int
    at: Moment
    investments: int
    equity: Minor
    balance: Minor
    wallets_balance: Minor
    """what is reserved for a withdrawal is counted until it is paid"""


class ChargeRow(Row, frozen=True):
    """What a deal took from an external investment."""

    deal: DealId
    at: Moment
    investment: int
    wallet: int
    client: int
    fee: Minor
    commission: Minor


class RewardRow(Row, frozen=True):
    """What an external wallet received: a fee, a commission or a partner's share."""

    transfer: int
    at: Moment
    wallet: int
    client: int
    type: TransferType
    amount: Minor
