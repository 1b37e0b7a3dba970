"""The language server: the same answers for any editor, told again when they change."""
