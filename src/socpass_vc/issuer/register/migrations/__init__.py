"""How a register of an older version becomes one of this: a module a version, run by alembic. It knows no rules of issuing."""
