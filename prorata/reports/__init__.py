"""Figures made from what has happened: statistics of strategies and investments, statements. Formulas carry a version."""
