"""Answers from files alone: what a folder declares and contains, read safely, without running anything."""
