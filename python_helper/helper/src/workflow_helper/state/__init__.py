"""What is remembered on this machine: selections, answers, choices. Files of JSON, written whole."""
