"""The economics: pure functions of positions and numbers."""
