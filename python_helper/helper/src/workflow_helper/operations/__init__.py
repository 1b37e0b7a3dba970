"""What a user can have done, each through the workflow that governs the folder."""
