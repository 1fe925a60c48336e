"""Seeded simulation: a random crowd on the real machine, a faulty venue, a faulty disk, and an oracle that knows the rules.

Read `simulation` first (one seed, step by step), then `oracle` (what must hold), `crowd` (what is asked for),
`world` (what the broker offers and where the prices go), `life` (the single writer without its event loop) and
`hedger` (the way to the venue). `run` is the command.
"""
