"""Text to picture (write) and picture to text (read), by QR codes; what the text means is not known here."""
