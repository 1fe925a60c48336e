"""Who may be the same person twice: found by keys as an account is made or changed, decided on by people.

`keys`         what two accounts of one person have in common
`tables`       keys by account, and pairs
`duplicates`   pairs that are suspected, and those that are different people
"""
