"""What the command line says by its exit code; `prorata.app.cli` explains them."""

NOT_SOUND = 1
BAD_USAGE = 2
NOT_THERE = 3
