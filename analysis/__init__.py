"""Compute-capacity agreements: what is promised, what it is worth, who owns the right to leave."""
