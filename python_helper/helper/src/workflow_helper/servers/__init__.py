"""From a declared workflow to the command line of its server, with what that needs installed in a cache."""
