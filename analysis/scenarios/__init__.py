"""What drives the answer: one case changed many ways, here or spread over machines."""
