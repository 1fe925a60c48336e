"""The CRM: people who trade, the offers that they trade under, their trading accounts, and what happens to them.

`tables`       branches, offers, roles, lead statuses; accounts; trading accounts; notes, tasks and the timeline
`settings`     what an organization has set up
`accounts`     people: one account for each e-mail
`trading`      their trading accounts, each under one offer
`gateways`     ways for money to come in and go out
`payments`     deposits, withdrawals, credit
`partners`     introducing brokers: who brought whom, and what it earns them
`crossing`     commands to trade platforms, repeated until they are answered
`prop`         challenges and competitions on accounts of the house
`store`        all of it, opened once for each process
"""
