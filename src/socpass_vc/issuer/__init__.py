"""The agency's tower: register, issuing, publishing. It knows nothing of tills."""
