"""Files from a published site into the store: addresses, client, validators."""
