"""The Broker-API: an organization's programs beside its CRM. docs/broker-api.md.

`app`         the way in: key, allowance, operation, permission, answer
`registry`    what there is: each operation names its path, what it takes and the permission that it needs
`call`        what every operation is given
`operations`  the modules in which they are
"""
