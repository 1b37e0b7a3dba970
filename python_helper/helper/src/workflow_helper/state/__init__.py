"""The state that this machine remembers: selections, answers, choices. Files of JSON, written whole."""
