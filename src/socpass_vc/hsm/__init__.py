"""Keys in hardware tokens, by PKCS#11: addresses, sessions, signers."""
