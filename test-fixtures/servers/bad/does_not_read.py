"""Neither reads nor writes."""

import sys
import time

print("last words of does_not_read", file=sys.stderr, flush=True)
time.sleep(600)
