"""What the register tells: counts for the agency, a statement for a resident."""
