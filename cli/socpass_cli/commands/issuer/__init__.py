"""The agency's commands, by what they are about."""
