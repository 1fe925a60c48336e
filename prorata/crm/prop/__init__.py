"""Prop trading: challenges that people take up, and competitions. docs/prop.md.

`tables`        what is kept
`terms`         what an account must keep to and reach, in whole numbers; what it costs; how profit is shared    pure
`challenges`    challenges and their phases
`borders`       that its money is kept apart
`shop`          add-ons, discount codes, and what is to be paid
`records`       accounts as they are read
`accounts`      how accounts begin and end: steps into the trade platform
`watching`      what happens to them there
`evaluations`   who has passed a phase
`withdrawals`   profit that is shared and paid out
`competitions`  who is ahead, and who has won
`store`         all of it
"""
