"""What a till keeps: trust, lists, catalogues, the rollback state and alarms."""
