"""Mail to people: written in the transaction of what it tells, delivered afterwards.

`texts`     what is written, by kind and language
`outbox`    mails that wait, sealed: they hold links and passwords
`delivery`  the service that sends them, with retries
`smtp`      the port to a mail server; `terms`: how it is reached

Without a mail server they stay in the outbox, which `prorata outbox` prints.
"""
