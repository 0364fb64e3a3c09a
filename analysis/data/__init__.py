"""Facts and assumptions in tables, each with its source, and the agreements shipped."""
