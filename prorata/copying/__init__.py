"""RAMM copy trading: wallets, strategies, investments, signals, and what each investor gets of them. Pure, like `trading`.

It stands above the trade server: it reads its symbols, quotes and conversion rates, and never writes them.
"""
