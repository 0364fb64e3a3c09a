"""One question: its words, charts and panel."""
