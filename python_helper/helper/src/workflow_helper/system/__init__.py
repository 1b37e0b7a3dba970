"""The only package that reads the process's environment or starts processes."""
