"""The project redirected."""

import sys

print(sys.prefix)
