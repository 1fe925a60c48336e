"""Who may do what. The only way from a number given from outside to the thing it names.

`callers`      what a caller may do, and `account_for`: from a login to the account
`copying`      what a company or its client reaches of copy trading: wallets, strategies, offers, investments, positions
`keys`         API keys: made, listed, revoked, verified
`permissions`  what there is to permit, the roles made of it, and grants
"""
