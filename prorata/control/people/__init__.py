"""People: who may sign in to the workspace, what by, and where he is signed in.

`people`, `addresses`       a person is his e-mail address and a uuid; which two addresses are one
`registration`              how people come, each with an organization of his own
`proving`                   the rules of signing in: password, code, back-off
`password_rules`            which passwords one may choose
`second_step`               one-time codes of an authenticator, recovery codes
`passkeys`, `ceremonies`    keys of devices; what browsers are asked and whether they answer right
`tickets`, `links`          what is good for one use: links in mails, steps of signing in
`renewal`                   another password, another address
`sign_ins`                  who is signed in where, in memory
"""
