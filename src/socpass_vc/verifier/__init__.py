"""The till's tower: the decision and the store behind it. It knows nothing of how passes are made."""
