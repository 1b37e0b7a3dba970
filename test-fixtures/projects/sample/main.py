"""The outermost project."""

import sys

print(sys.prefix)
