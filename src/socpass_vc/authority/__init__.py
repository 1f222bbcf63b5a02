"""Who may sign: roots, ceremonies, trust lists and the federations that they describe. It knows nothing of passes."""
