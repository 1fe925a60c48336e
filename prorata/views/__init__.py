"""What the outside says and sees, in the shapes of our own API: shared by `rest.own` and `stream`;
and the figures of copy trading, shared by all APIs that show them.

`bodies`                   what is sent to us        `commands`   from there to a command
`events`, `event_shapes`   an event as a JSON object
`copy_events`, `copy_event_shapes`   those of copy trading, in sums; `copy_rows`, `copy_row_shapes`   row by row
`outcomes`, `copy_outcomes`   what a command caused
`copy_notices`             what subscribers of webhooks are told of copy trading
`answers`, `problems`      refusals
`copy_figures`             figures of investments
`copy_strategies`, `copy_positions`, `copy_wallets`, `copy_portfolio`   figures of the rest
`copy_numbers`             decimals and times as the RAMM documents write them
`names`, `numbers`         words, decimals and times, read and shown        `texts`   the same, remembered
"""
