"""Trade platforms of organizations: ours, which a running server starts and stops as this table says, and those of others
with what is needed to reach them.

`tables`, `records`   the table; a platform as everybody may see it, without secrets
`registry`            adding, changing, archiving; by uuid in memory
`addresses`           what people give as the address of a server
`reaching`            a connection to such an address that ends in seconds, and not in the house's own network
`mt5_probe`, `database_probe`   what a test of the manager's login and of the report database does there
`probing`             the tests as they are asked for, some a minute
"""
