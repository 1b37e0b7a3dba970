"""The environments that lie somewhere: where things are in one, whether it works, and which there are. Reads; starts nothing."""
