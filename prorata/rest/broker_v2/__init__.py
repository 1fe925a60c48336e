"""The Broker-API, version 2: for programs that bring a CRM of their own, and know groups and no offers (docs/broker-api-v2.md).

`app`          the ASGI application: that of version 1 with other operations, and errors with a type
`call`         one call; the trade platform that its key reaches
`user_accounts` `trading_accounts` `balance` `trading` `trading_data` `market`    the operations, over those of version 1
"""
