"""Names of categories, documents and places in the languages of the people who read them, as data."""
