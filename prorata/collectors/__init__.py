"""Signals from outside: Expert Advisors for MetaTrader (`ea`) and a Python sender that behaves like them.

`behaviour`  what is said, and when: pure
`wire`       messages and answers of the Trading API as JSON
`source`     the account that is told: names, netting, dollars; the port `Source`
`files`      a source that a script keeps in a file
`broker`     a source that is an account of a Prorata platform
`sender`     sends a source's signals to a strategy
`token_lock` one sender for one token
"""
