"""The kit that questions are written with; it knows no model and no question."""
