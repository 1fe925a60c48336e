"""Figures made from what has happened: statistics of strategies and investments, copy statements, ratings.

Everything here is a pure function of what it is given: no clock, no disk, no chance. Money stays in whole smallest
units; shares and ratios are floats, made of sums that are rounded once (`math.fsum`), multiplications, divisions and roots,
so that they are the same wherever they are computed. (Powers and the normal distribution are the C library's: monthly average,
annual growth, Calmar and the probabilistic Sharpe ratio may differ in the last digit between machines.)
A figure that is not defined (no losses, one point)
is None, never infinite. Every published figure has a line in `formulas.FORMULAS`, with the version of its formula, and
a worked number in docs/trade/statistics.md.
"""
