"""What the tables say, in one sentence each, computed from them: a module a notebook."""
