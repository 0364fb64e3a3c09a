"""Runs notebooks, here or on many machines, and publishes their pages."""
