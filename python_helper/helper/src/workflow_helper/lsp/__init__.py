"""The language server: the same answers for any editor, sent again when they change."""
