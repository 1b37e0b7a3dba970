"""Talk with a person at a terminal, or with a pipe: the common part of every program that a person starts."""
