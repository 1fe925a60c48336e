"""Values for fields of copy trading by their name, for the description of the API (`openapi`)."""

from typing import Any

COPY_EXAMPLES: dict[str, Any] = {
    "a_volume": "0.0388", "available": "2700.82", "broker_commission": "0.05", "broker_percent": "10.00", "client": 11,
    "command": 31, "commission_due": "0.42", "commission_paid": "12.80", "commission_per_million": "10.00", "company": 1,
    "copied_volume": "1.5388",
    "deposited": "2500.00", "demand": "1.5388", "description": "a fifth of the profit", "drawdown": "0.00",
    "exposure": "1.5388", "external_account": "880011", "external_server": "Broker-Live", "factor": "1.00",
    "fee_due": "80.16", "fee_paid": "120.00", "fee_percent": "20.00", "fill": 5, "given": "0.0388", "held": "1.53",
    "hedge": "1.53", "interval": 9, "interval_began_at": "2030-01-27T00:00:00.000Z", "interval_profit": "400.82",
    "interval_profit_net": "320.66", "invested": "2900.82", "investment": 12, "investments": 250, "investor_min": "250.00",
    "last_signal_at": "2030-01-31T09:30:00.120Z", "link": "steady20", "liquidity_commission": "0.02", "lot": "0.50",
    "money": "2500.00", "offer": 4, "open_investments": 240, "ordered": "1.53", "own_balance": "10000.00",
    "own_equity": "10350.00", "own_investment": 3, "partner_commission": "0.01", "partner_percent": "5.00",
    "partner_wallet": 5, "profit_base": "2500.00", "protection_equity": "2000.00", "protection_percent": "80.00",
    "public_offer": 4, "realised": "392.10", "requested": "0.00", "request": 17, "reservation": 6, "residual": "0.0088",
    "signal": 41, "source_equity": "100000.00", "source_login": 1001, "stop_out_percent": "20.00", "strategy": 3,
    "stream": 1, "target_percent": "50.00", "total_profit": "400.82", "total_profit_net": "320.66",
    "trader_commission": "0.42", "trader_min": "200.00", "transfer": 90, "turnover": "4201.68", "unit_price": "103.50",
    "wallet": 7, "wallet_balance": "500.00", "withdrawable": "500.00", "withdrawn": "0.00", "yield_percent": "3.50",
}  # fmt: skip

COPY_SHOWN = {
    "CopyOutcome": ("number", "at", "repeated", "wallet", "investment", "command", "events"),
    "NewSync": ("strategy", "equity", "held", "soft"),
}
"""Which fields an example has, where those that are required and those that have an example value would not do."""
