"""The program: settings, wiring, processes, the command line.

`settings`     what may be set, by file and environment
`platform`     one trade platform, wired: journal, writer, projections, venue, feed
`server`       one process: platforms behind REST, stream and operations on one port
`surfaces`     all that is served beside them; imported and opened after the first orders are let in
`operations`   /healthz, /readyz, /metrics       `logs`   structured logs
`cli`          the command `prorata`; each group of commands has a file `commands_*`
`demo`         a broker with a crowd that trades; `crowd` and `view` belong to it
`groups`       the groups of a new platform
"""
