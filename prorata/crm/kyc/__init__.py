"""Knowing the client: which levels there are, who has reached which, and what he may do for it.

`tables`          levels, checks, their history, questionnaires and answers
`levels`          what an organization asks of people, and what they may do once it is known
`checks`          the state machine of one check
`questionnaires`  is trading appropriate for him: versions of questions, and answers
`gate`            `may`: asked before money moves, a position is opened, money is invested
`history`         who did what, when and why; nothing in it is changed
`providers`       who looks at a check before people do
"""
