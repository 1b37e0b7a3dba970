"""Running a project's tests in its own environment, and what comes back of it."""
