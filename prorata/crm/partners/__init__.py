"""Introducing brokers: people who bring others, and are paid by what these trade.

`tables`     edges, codes, plans, deals, accruals, payouts
`tree`       who introduced whom, from when to when; referral codes
`plans`      what a deal brings to each level, in versions
`market`     the rates by which it is converted
`accruals`   deals, heard once and counted once
`payouts`    what is paid of it: gathered, agreed to, booked
`reports`    trees, statements, and the control that the sums come out
`office`     all of it, opened once for each process
"""
