"""What the outside sees, in the shapes of our own API: shared by `rest.own` and `stream`.

`events`   an event as JSON, with decimal strings
"""
