"""The customer's side: lease, build or rent, how much to reserve, what a provider's exit costs.

`need` has the formulas, `choices` every option over the assumptions.
"""
