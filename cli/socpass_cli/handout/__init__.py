"""What leaves the agency for a resident or a shop: QR pictures, cards, tokens, bulletins."""
