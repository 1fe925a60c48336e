"""`python -m prorata.sim`: the same as `prorata sim`."""

import sys

from prorata.sim.run import main

if __name__ == "__main__":
    sys.exit(main())
