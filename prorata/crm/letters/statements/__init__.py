"""Statements: a trading account over a day or a month, in figures that must agree.

`figures`   what a statement says, and the sums in it that are proved before it is sent
`making`    figures out of a trade platform's history; `valuing`: what open positions were worth when the day ended
`keeping`   statements kept as data; which are made when a day has ended, and on demand
`words`     what is written in the five languages; `sheet`: tables of texts; `page`, `pdf`, `table`: HTML, PDF, CSV of them
`printing`  PDFs made by processes of their own
"""
