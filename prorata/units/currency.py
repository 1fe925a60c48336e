"""Currencies and their smallest units."""

CURRENCY_DIGITS: dict[str, int] = {
    "AUD": 2, "BTC": 8, "CAD": 2, "CHF": 2, "CNH": 2, "CZK": 2, "DKK": 2, "ETH": 8, "EUR": 2, "GBP": 2,
    "HKD": 2, "HUF": 2, "JPY": 0, "MXN": 2, "NOK": 2, "NZD": 2, "PLN": 2, "SEK": 2, "SGD": 2, "TRY": 2,
    "USD": 2, "USDT": 6, "XAG": 4, "XAU": 4, "ZAR": 2,
}  # fmt: skip
"""Decimal places of each currency that an account, a symbol or a price may name (ISO 4217; metals and
crypto by market custom)."""
