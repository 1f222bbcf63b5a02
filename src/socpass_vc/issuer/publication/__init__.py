"""The static site: status lists, deltas, the catalogue and the trust bundle, shown together."""
