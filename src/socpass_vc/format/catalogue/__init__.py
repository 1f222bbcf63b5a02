"""What categories open: measures, names and the signed catalogue."""
