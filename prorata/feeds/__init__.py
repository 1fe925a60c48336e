"""Where quotes come from. Each feed implements `Feed` of `prorata.server.ports`.

`defaults`   the symbols of a new trade platform, and how the simulated market moves them
`simulated`  a seeded market: the default feed
`files`      real quotes replayed from files at any speed; `formats` and `bars` read the files
`hours`      which symbols are open
`pacing`     market time against real time

Floats and chance are at home here and end here: what a feed gives are whole points.
"""
