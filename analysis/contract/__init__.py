"""What was signed, what is due, what is firm: the contract logic."""
