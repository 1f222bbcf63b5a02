"""A register as version 0.1.0 of the program made it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

_FIRST = """
CREATE TABLE meta (name VARCHAR NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY (name));
CREATE TABLE residents (id INTEGER NOT NULL, ref VARCHAR NOT NULL, name VARCHAR NOT NULL, born_on DATE, born_in INTEGER,
  PRIMARY KEY (id), UNIQUE (ref));
CREATE TABLE entitlements (id INTEGER NOT NULL, resident_id INTEGER NOT NULL, category INTEGER NOT NULL, first_day DATE,
  last_day DATE, document_kind INTEGER, document_number VARCHAR, document_issued_on DATE, PRIMARY KEY (id),
  UNIQUE (resident_id, category), FOREIGN KEY(resident_id) REFERENCES residents (id));
CREATE TABLE status_lists (number INTEGER NOT NULL, entries INTEGER NOT NULL, used INTEGER NOT NULL,
  permutation_key BLOB NOT NULL, signed_at INTEGER, PRIMARY KEY (number));
CREATE TABLE credentials (id INTEGER NOT NULL, resident_id INTEGER NOT NULL, list_number INTEGER NOT NULL,
  list_index INTEGER NOT NULL, issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, content BLOB NOT NULL,
  token BLOB NOT NULL, status INTEGER DEFAULT '0' NOT NULL, reason VARCHAR, PRIMARY KEY (id), UNIQUE (list_number, list_index),
  FOREIGN KEY(resident_id) REFERENCES residents (id), FOREIGN KEY(list_number) REFERENCES status_lists (number));
CREATE INDEX ix_credentials_resident_id ON credentials (resident_id);
CREATE INDEX credentials_not_valid ON credentials (list_number, status) WHERE status != 0;
CREATE TABLE events (id INTEGER NOT NULL, at INTEGER NOT NULL, actor VARCHAR NOT NULL, act VARCHAR NOT NULL, ref VARCHAR,
  detail VARCHAR, PRIMARY KEY (id));
INSERT INTO meta VALUES ('schema', '1'), ('trust_list_version', '3');
INSERT INTO residents VALUES (1, '1001', 'Иванова Анна', '1951-03-04', NULL);
INSERT INTO status_lists VALUES (0, 1024, 1, x'00', NULL);
INSERT INTO credentials VALUES (1, 1, 0, 77, 1, 2, x'00', x'01', 1, 'lost');
INSERT INTO events VALUES (1, 100, 'anna', 'import', NULL, 'a.csv: 1'), (2, 101, 'anna', 'revoke', '1001', 'lost');
"""


def first_register(path: Path) -> Path:
    """Make one in *path*."""
    with sqlite3.connect(path) as connection:
        connection.executescript(_FIRST)
    connection.close()
    return path
