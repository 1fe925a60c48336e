"""Which strategies a visitor sees, and in which order: All, Rating and Popular."""

from collections.abc import Iterable

import msgspec

from prorata.units.numbers import DAY_MS, Moment
from prorata.units.rounding import div_floor

ACTIVITY_MAX_DAYS = 365


class Listing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A strategy as the lists know it."""

    strategy: int
    name: str
    opened_at: Moment
    first_deal_at: Moment | None
    last_deal_at: Moment | None
    deals: int
    total: float
    """time-weighted yield since the opening, 0.05 for 5 %"""
    investments: int
    investments_week_ago: int
    public: bool
    """has an offer that anybody may take"""
    closed: bool = False


class RatingRules(msgspec.Struct, frozen=True, gc=False):
    """What the broker asks of a strategy before it is rated. As it comes: 30 days, any deals, no loss."""

    age_min_days: int = 30
    deals_min: int = 0
    yield_min: float = 0.0
    activity_max_days: int = ACTIVITY_MAX_DAYS


def age_days(listing: Listing, now: Moment) -> int:
    """Return the whole days since the opening."""
    return div_floor(now - listing.opened_at, DAY_MS)


def all_strategies(listings: Iterable[Listing]) -> list[Listing]:
    """Return every public strategy after its first deal, by number.

    Closed ones too: a list from which the failures vanish flatters those that are left.
    """
    shown = [listing for listing in listings if listing.public and listing.first_deal_at is not None]
    return sorted(shown, key=lambda listing: listing.strategy)


def is_rated(listing: Listing, rules: RatingRules, now: Moment) -> bool:
    """Say whether a strategy is old, busy, good and lively enough to be rated."""
    if not listing.public or listing.closed or listing.first_deal_at is None or listing.last_deal_at is None:
        return False
    return (
        age_days(listing, now) >= rules.age_min_days
        and listing.deals >= rules.deals_min
        and listing.total >= rules.yield_min
        and now - listing.last_deal_at <= rules.activity_max_days * DAY_MS
    )


def rating(listings: Iterable[Listing], rules: RatingRules, now: Moment) -> list[Listing]:
    """Return the strategies that pass the rules, the highest yield first; of equal ones, the older number."""
    rated = [listing for listing in listings if is_rated(listing, rules, now)]
    return sorted(rated, key=lambda listing: (-listing.total, listing.strategy))


def growth(listing: Listing) -> int:
    """Return how many investments a strategy has gained within the last week; below zero if it lost some."""
    return listing.investments - listing.investments_week_ago


def popular(listings: Iterable[Listing]) -> list[Listing]:
    """Return the open strategies by the growth of their investments in the last week, then by how many they have."""
    open_ones = [listing for listing in all_strategies(listings) if not listing.closed]
    return sorted(open_ones, key=lambda listing: (-growth(listing), -listing.investments, listing.strategy))
