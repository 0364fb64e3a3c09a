"""What hostile or careless input does to the project, and the table that says so."""
