"""The environments on the disk: their layout, their health, and which there are. Reads; starts nothing."""
