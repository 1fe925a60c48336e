"""What the outside sees, in the shapes of our own API: shared by `rest.own` and `stream`.

`events`, `event_shapes`   an event as a JSON object
`texts`                    numbers and moments as the text that stands for them
"""
