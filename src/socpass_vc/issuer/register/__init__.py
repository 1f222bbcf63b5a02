"""The register's database: schema, bulk statements, event log, audit, migration."""
