"""Talking with a person at a terminal, or with a pipe: what every program of the product that is started by a person shares."""
