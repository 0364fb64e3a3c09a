"""Present value, annuities, expected life, uncertain demand and credit."""
