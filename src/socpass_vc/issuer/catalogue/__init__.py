"""The catalogue file that an agency writes: entries, measures, a template."""
