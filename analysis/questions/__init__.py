"""One folder a notebook: its parameters, answer, words and charts."""
