"""Run a project's tests in its own environment, and collect their results."""
