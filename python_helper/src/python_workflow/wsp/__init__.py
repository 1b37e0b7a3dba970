"""The Workflow Server Protocol: its methods and their shapes, its lifecycle, both ends. Transports are handed in."""
