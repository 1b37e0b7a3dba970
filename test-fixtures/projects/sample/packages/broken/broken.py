"""The project broken."""

import sys

print(sys.prefix)
