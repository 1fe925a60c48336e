"""What the outside says and sees, in the shapes of our own API: shared by `rest.own` and `stream`.

`bodies`                   what is sent to us        `commands`   from there to a command
`events`, `event_shapes`   an event as a JSON object
`outcomes`                 what a command caused
`answers`, `problems`      refusals
`names`, `numbers`         words, decimals and times, read and shown        `texts`   the same, remembered
`copying`                  the same for copy trading, and its figures for all APIs that show them
"""
