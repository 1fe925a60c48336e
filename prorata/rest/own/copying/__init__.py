"""Copy trading in our own API (docs/copy-trading.md), for keys that reach all accounts; any reader sees public strategies.

`wallets`, `strategies`, `offers`, `investments`, `signals`   what there is now, and what may be done with it
`routes`, `settings`          execution; streams and account specifications
`history`, `past`             what has happened, from the tables
`statistics`, `statement`     reports, fed from the tables
`reach`, `bodies`, `commands`   from numbers and bodies to things and commands
`views`, `investment_views`, `past_views`, `signal_views`, `statistics_views`   what we answer
`examples`                    for the description
"""
