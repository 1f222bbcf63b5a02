"""The holder's tower: presenting a pass with a proof of one's key."""
