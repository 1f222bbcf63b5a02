"""The till's loop: scanners, cameras, watched folders, the display."""
