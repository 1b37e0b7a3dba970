"""The stored state of this machine: selections, choices and answers, in JSON files."""
