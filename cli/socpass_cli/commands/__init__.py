"""The commands, one module each; the groups of issuer and root are rooms of their own."""
