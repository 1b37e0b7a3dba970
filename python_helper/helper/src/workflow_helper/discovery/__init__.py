"""Answers from files alone: what a folder declares and holds, read with care, nothing ever run."""
