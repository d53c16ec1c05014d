"""`python -m archwright`: the command line."""

import sys

from archwright.cli import main

if __name__ == "__main__":
    sys.exit(main())
