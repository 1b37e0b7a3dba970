"""Environments on the disk: their layout, their health, and where to find them. No process is started."""
