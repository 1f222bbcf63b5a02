"""Names, tables, trust and measures as people read them."""
