"""Let ``python -m ad_core`` be the command ``ad``."""

import sys

from ad_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
