"""Files from elsewhere into the register: text, columns, cells, rows, staging, merging. It stands on reports and register."""
