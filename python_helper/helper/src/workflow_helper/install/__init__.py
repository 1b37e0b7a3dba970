"""The contents of environments: what is declared, installed, repaired and deleted."""
