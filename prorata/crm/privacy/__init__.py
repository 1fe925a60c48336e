"""What a person may ask of those who know him: what he agreed to, what they have, and to be forgotten.

`tables`     consents, and for how long an organization keeps decisions
`consents`   given and withdrawn
`export`     everything about one person
`erasure`    forgetting him, but for what the law keeps
"""
