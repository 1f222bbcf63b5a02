"""What the register tells: counts, a statement, CSV that no spreadsheet computes. It stands on issuance and register."""
