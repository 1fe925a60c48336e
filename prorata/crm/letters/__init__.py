"""What the broker writes to its clients: letters by mail, messages in their inbox, statements and confirmations.

`kinds`       every kind of letter and what its text may speak of
`texts`       our own texts of them, in five languages; `tongues`: how a language writes numbers, money and dates
`templates`   the organization's own texts, in versions; `rendering`: templates, which strangers write, kept within bounds
`letters`     letters written, each once, with what became of them; `mailing`: whose mail server carries them
`inbox`       messages in the client's inbox
`statements`  figures of a trading account over a day or month, which must agree, and what they are shown as
`hearing`     what follows from events of the trade platforms; `scribe`: what follows from the timeline
"""
