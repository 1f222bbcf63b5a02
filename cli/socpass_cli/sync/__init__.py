"""Bringing newer files to a till: from a folder, a stick, a web server, a bulletin."""
