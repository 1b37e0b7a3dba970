"""Consent to run a workflow: the files that it covers, the stored consents, and private copies of these files."""
