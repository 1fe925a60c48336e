"""`python -m prorata` is the command `prorata`."""

from prorata.app.cli import main

main()
