"""The project member."""

import sys

print(sys.prefix)
