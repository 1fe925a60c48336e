"""Where the journal is kept: SQLite by default, PostgreSQL when grown (decision D7).

Read `chain` first (what makes a record good, and what opening decides about the last one), then `sqlite_journal`.
`postgresql_journal` keeps the same records in another database; `journals.open_journal` picks one by its address.
`verify` walks a journal of either kind and names the first bad record; `export` prints one in words.
"""
