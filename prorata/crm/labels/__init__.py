"""How an organization sorts its people: tags, fields of its own, pools of members who look after them.

`tables`   of all of it
`tags`     words that accounts are marked with
`fields`   what the organization wants to know beyond what everybody does
`pools`    members who look after accounts together
`bulk`     many accounts at once
`conditions`  what accounts are looked for by
"""
