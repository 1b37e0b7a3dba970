"""The operations of a user on a folder, each through the workflow that governs it."""
