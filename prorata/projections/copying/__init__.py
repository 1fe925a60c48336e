"""Copy trading in tables: events about many investments become blocks with a row for each, and everything adds up.

`tables`, `block_tables`      the tables        `codes`   what their small numbers mean
`recording`, `details`, `bulk`, `storing`, `sums`   events to rows
`proof`                       what the rows must come to, for the ledger
`filters`, `narrowing`, `sources`, `lists`, `register`, `totals`, `executions`, `questions`   what may be asked
`rows`, `register_rows`, `total_rows`   what is answered
"""
