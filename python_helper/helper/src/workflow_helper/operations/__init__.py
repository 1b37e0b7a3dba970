"""The operations of a user, each through the workflow that governs the folder."""
