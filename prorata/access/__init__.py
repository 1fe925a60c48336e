"""Who may do what. The only way from a number given from outside to the thing it names.

`callers`   what a caller may do, and `account_for`: from a login to the account
`keys`      API keys: made, listed, revoked, verified
"""
