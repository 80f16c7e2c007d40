"""Alembic's way into the catalogue: runs on the connection that `app.catalog_db.migrate` hands over."""

from alembic import context

from app.catalog_db import Table

connection = context.config.attributes["connection"]
# SQLite cannot alter a column in place: batch mode copies the table
context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
