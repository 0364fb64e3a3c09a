"""What does the same capacity cost elsewhere, now and later?

`prices` holds observations and the price process, `calibration` which processes fit a few noisy
observations, `standing` where the market stands on a day.
"""
