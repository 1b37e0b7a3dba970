"""The permission to run: which files consent to a workflow covers, what was consented to, and private copies of just that."""
