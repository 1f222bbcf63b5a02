"""What alembic runs: the migrations, on the connection that it was given, in that connection's transaction."""

from __future__ import annotations

from alembic import context

from socpass_vc.issuer.register.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
