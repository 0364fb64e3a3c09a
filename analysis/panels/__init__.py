"""A notebook's question asked again by moving controls: a module a notebook, no arithmetic.

A panel starts from the notebook's parameters and calls the functions of the cells above it. What
it is made of: `controls` (what can be moved), `panel` (controls, sentence, chart, table, command),
`picture` (a chart that changes in place), `work` (slow answers, which can be cancelled).
"""
