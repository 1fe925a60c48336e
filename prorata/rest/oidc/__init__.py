"""The OpenID Connect provider: people sign in to applications here, programs get their tokens.

/.well-known/openid-configuration   what there is (`discovery`); the keys at /.well-known/jwks.json
/connect/authorize                  a person signs in to an application (`authorize`)
/connect/login                      our own pages for that (`login`, `pages`), and other providers (`outside`)
/connect/token                      codes, refresh tokens and clients' secrets for access tokens (`token`)
/connect/userinfo                   who the person is (`userinfo`)
/connect/revocation, introspect     tokens ended and looked at (`managing`)
/connect/endsession                 signing out (`ending`)

`call`    one call: the issuer it came to, its form, who is signed in
`errors`  why not, as RFC 6749 and OpenID Connect say it
`proving` how a client proves who it is
"""
