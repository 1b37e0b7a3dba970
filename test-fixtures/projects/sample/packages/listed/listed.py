"""The project listed."""

import sys

print(sys.prefix)
