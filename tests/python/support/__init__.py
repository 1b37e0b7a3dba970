"""What tests share: real programs, real processes, real folders."""
