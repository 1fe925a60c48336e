"""Execution of the A-book: where hedge orders go, and how their fills come back (decisions D10, D11).

`router`          between the single writer and one venue: sends, reconciles, reports positions
`blotter`         the router's record of orders in flight and the decision what each needs next; pure
`simulated`       a venue of our own making, for the demo and the tests
`simulated_line`  its connection, which breaks; pure
`simulated_book`  its execution and its own position book, with every fault that a venue can have; pure

The pure parts take time and chance as arguments, so that the seeded simulation can drive the very same
code without an event loop.
"""
