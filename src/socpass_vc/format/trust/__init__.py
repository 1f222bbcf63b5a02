"""Roots, issuers, trust lists, the bundle that carries them and the request to sign them."""
