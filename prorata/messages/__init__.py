"""The language of Prorata: every command, event and refusal. Read this package first.

`symbols`, `groups`   what a broker configures, as it travels and as it is kept
`commands`            what may be asked of a trade platform
`events`              what then happened
`copy_terms`, `copy_commands`, `copy_events`   the same three of copy trading
`refusals`            why not, by number
`batch`               how commands travel to the journal

Messages are frozen `msgspec` structs: made once, never changed, encoded without a second shape
(decision 0002). All numbers are whole; the units are named in `prorata.units.numbers`.
"""
