"""How is it booked: the same schedule as a lease, as a service and as backlog.

`term` says how long the contract binds, `lease` measures a liability and its right-of-use asset
(ASC 842, IFRS 16), `books` what is left to perform and when it is earned (ASC 606, IFRS 15), both
parties' books, and the questions that no schedule can answer. Every figure names its paragraph;
whether an agreement *is* a lease is for its reader to judge.
"""
