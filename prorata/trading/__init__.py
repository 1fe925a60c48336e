"""The trade server's engine: symbols, groups, accounts, orders, deals, positions, margin, charges.

Pure: no clock, chance, input or output. `engine.Engine` takes a command and a moment and gives events.
Read `state` first (what is kept), then `engine` (how a command finds its function), then `deals`.
"""
