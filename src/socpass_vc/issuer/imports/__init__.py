"""Files from elsewhere into the register: text, columns, cells, rows, staging, merging."""
