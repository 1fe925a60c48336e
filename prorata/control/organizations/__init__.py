"""Organizations: who works in them, what each may do there, who is invited.

`declined`       why a change was not made
`rights`         what is given: a role, single rights, trade platforms
`inside`         an organization within a transaction that has locked it: the rules of giving are here
`grants`         what each person may do where, in memory
`organizations`  made, renamed, left, handed over, closed
`members`        changed, disabled, removed
`roles`          an organization's own
`invitations`    by e-mail: sent, sent again, revoked, accepted
`export`         everything of an organization in one file

Every change says who makes it (`by`, a person's number), and is checked against what he may do at that moment, not at the
moment when his request came in. An organization has an Administrator always; nobody gives what he lacks, and nobody
touches a member who has more than himself.
"""
