"""The nouns that carry a unit: money, price, volume, moment, ids, and the ways to round.

Everything in the core is a whole number (decision D4). A plain `int` would say too little, so each
unit has a name of its own, used in every signature. They are type aliases and not classes: the engine
does millions of additions a second, and an alias costs nothing at run time.
"""
