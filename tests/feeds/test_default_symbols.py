"""The symbols of a new platform."""

from datetime import UTC, date, datetime
from itertools import combinations

from prorata.feeds.defaults import default_model, default_symbols
from prorata.feeds.hours import open_at, sessions_on
from prorata.messages.symbols import ALL_DAY, MarginMode, Session, TradeMode
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import VOLUME_MAX

SYMBOLS = {spec.name: spec for spec in default_symbols(2025)}


def day_number(day: str) -> int:
    return (date.fromisoformat(day) - date(1970, 1, 1)).days


def is_open(name: str, at: str) -> bool:
    moment = int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()) * 1_000
    return open_at([SYMBOLS[name]], moment)[0] == [True]


def test_every_two_of_the_eight_currencies_form_one_pair() -> None:
    pairs = [{spec.base, spec.quote} for spec in SYMBOLS.values() if spec.category.startswith("Forex/")]
    expected = [set(pair) for pair in combinations(["AUD", "CAD", "CHF", "EUR", "GBP", "JPY", "NZD", "USD"], 2)]
    assert len(pairs) == 28
    assert all(pair in pairs for pair in expected)


def test_there_are_metals_oil_indices_and_coins() -> None:
    others = {name for name, spec in SYMBOLS.items() if not spec.category.startswith("Forex/")}
    expected = {"XAUUSD", "XAGUSD", "USOIL", "US500", "NAS100", "GER40", "JPN225", "BTCUSD", "ETHUSD"}
    assert others == expected


def test_every_symbol_is_within_the_bounds_of_the_engine() -> None:
    for spec in SYMBOLS.values():
        for currency in (spec.base, spec.quote, spec.profit_currency, spec.margin_currency):
            assert currency in CURRENCY_DIGITS, spec.name
        assert 0 < spec.volume_min <= spec.volume_max <= VOLUME_MAX
        assert spec.volume_min % spec.volume_step == 0
        assert spec.volume_max % spec.volume_step == 0
        assert 0 <= spec.freeze_level <= spec.stop_level
        assert len(spec.sessions) == 7
        assert spec.trade_mode is TradeMode.FULL


def test_every_margin_mode_is_used() -> None:
    assert {spec.margin_mode for spec in SYMBOLS.values()} == set(MarginMode)
    assert SYMBOLS["EURUSD"].margin_mode is MarginMode.FOREX
    assert SYMBOLS["XAUUSD"].leverage_max == 200
    assert SYMBOLS["US500"].margin_rate_ppm == 10_000
    assert SYMBOLS["JPN225"].margin_fixed == 200_000


def test_a_pair_earns_and_pays_the_difference_of_interest() -> None:
    # 1.16000 x (2.00 % - 4.30 % -+ 0.75 %) / 360 = -9.828 and +4.994 points
    assert (SYMBOLS["EURUSD"].swap_long, SYMBOLS["EURUSD"].swap_short) == (-9_828, 4_994)


def test_forex_trades_from_sunday_to_friday_evening() -> None:
    assert not is_open("EURUSD", "2025-07-13 21:59:59")
    assert is_open("EURUSD", "2025-07-13 22:00:00")
    assert is_open("EURUSD", "2025-07-18 21:59:59")
    assert not is_open("EURUSD", "2025-07-18 22:00:00")
    assert not is_open("EURUSD", "2025-07-19 12:00:00")


def test_gold_rests_for_an_hour_every_evening() -> None:
    assert is_open("XAUUSD", "2025-07-15 21:59:59")
    assert not is_open("XAUUSD", "2025-07-15 22:00:00")
    assert is_open("XAUUSD", "2025-07-15 23:00:00")


def test_coins_never_rest() -> None:
    assert SYMBOLS["BTCUSD"].sessions == (ALL_DAY,) * 7
    assert SYMBOLS["BTCUSD"].swap_triple_day == 7


def test_a_holiday_keeps_what_its_weekday_has_in_the_open_part() -> None:
    spec = SYMBOLS["EURUSD"]
    assert sessions_on(spec, day_number("2025-12-25")) == (Session(79_200, 86_400),)
    # Christmas 2026 is a Friday, which closes at 22:00, when the holiday would end.
    assert sessions_on(spec, day_number("2026-12-25")) == ()
    assert sessions_on(SYMBOLS["GER40"], day_number("2025-12-26")) == ()


def test_the_model_moves_every_default_symbol() -> None:
    model = default_model()
    assert model.symbols.keys() == SYMBOLS.keys()
    for factor in model.factors.values():
        assert sum(load * load for load in factor.loads.values()) <= 1
