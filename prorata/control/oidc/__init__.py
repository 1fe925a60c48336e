"""The OpenID Connect provider's side in the database and in memory: keys, applications, authorizations, tokens.

`scopes`          what a token is for, and what that leaves of a grant
`keys`            the keys that tokens are signed with, and their rotation
`applications`    web and native applications that people sign in to
`authorizations`  what a person gave an application: its code, its refresh tokens, their end
`tokens`          access and ID tokens made
`checking`        access tokens checked, in microseconds
`providers`       other providers that people may sign in through
"""
