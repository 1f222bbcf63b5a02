"""What the agency publishes: site, catalogue."""
