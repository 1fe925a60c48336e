"""Who works for the broker and who its clients are. Ordinary SQL (decision D8), one database for all companies.

`store`       `Control`: everything below under one name, opened once for each process
`columns`, `tables`, `database`   the tables, transactions, the revision by which processes notice each other's changes
`companies`   organizations that copy trading is offered by: their tree, the trade platform of each
`managers`, `manager_rows`, `manager_rights`   a company's members as the RAMM Manager API has them
`clients`     people who trade and invest
`passwords`, `lockout`, `one_time`   Argon2id; back-off after wrong passwords; passwords for a single use
`sessions`    who is signed in: tokens are checked in memory
`tokens`      tokens of programs: strategies, applications, partners
`audit`       who did what, chained by hashes
`vault`       secrets that must be read again, sealed
`people/`    who may sign in to the workspace, what by, and where he is signed in
`mail/`      mails to them
`organizations/`, `platforms/`, `api_clients/`    what they work for, see there

Methods block on the database and are called with `asyncio.to_thread`, but for those whose docstring says that they
look into memory alone. Amounts are whole numbers in minor units, times milliseconds UTC.
"""
