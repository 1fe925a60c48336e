"""Organizations over REST: themselves, members, roles, invitations, the audit.

`shapes`         what is sent and answered
`organizations`  made, renamed, left, handed over, closed, exported
`members`, `roles`, `invitations`   who works there and may do what, who is asked to
`audit`          what was done there, searched and exported
`files`          answers that are files
"""
