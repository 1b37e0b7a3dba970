"""What is put into environments and taken away: today, what may be deleted, and deleting it."""
