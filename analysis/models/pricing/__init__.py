"""Is the price high: one fee in every unit, beside what the market was seen to charge.

`fee` is one fee in four units, what it would rent at market prices, and the same accelerators at
contract prices, `beside` the prices that it is judged by, and the ratio if number, mix, megawatts,
metric or hours were others.
"""
