"""One module a version of the register's schema."""
