"""The rules that decide: which workflow governs a folder, and which environment is its default."""
