"""What API clients use, and what it costs.

`tables`    calls and real-time events of each client in each month
`meter`     counts in memory, writes every few seconds
`tariff`    what so many cost: a free part, then steps that get cheaper
"""
