"""The command line ``wsp``: argv becomes an action, the action is run, its result is rendered."""
