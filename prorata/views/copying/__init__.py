"""Copy trading as the outside sees it: its events in the shapes of our own API, and the figures that all APIs show.

`events`, `event_shapes`      events in sums        `rows`, `row_shapes`   the same, row by row
`outcomes`, `problems`        what a command caused; refusals
`notices`                     what subscribers of webhooks are told
`figures`, `strategies`, `positions`, `wallets`, `portfolio`   figures of investments and of the rest
`numbers`                     decimals and times as the RAMM documents write them
"""
