"""What the agency reads: reports and the event log."""
