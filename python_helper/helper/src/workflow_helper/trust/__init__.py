"""Who may run what: which files consent to a workflow covers, what was consented to, and private copies of just that."""
