"""All access to the disk: bounded reads, paths, links, locks, and files that are written completely or not at all."""
