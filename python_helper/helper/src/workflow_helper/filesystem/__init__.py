"""The only door to the disk: bounded reading, paths, links, locks, and files written whole or not at all."""
