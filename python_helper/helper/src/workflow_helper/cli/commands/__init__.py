"""The commands of ``wsp``, a module a group."""
