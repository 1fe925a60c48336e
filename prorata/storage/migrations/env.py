"""Run by Alembic for each upgrade. The caller (`prorata.storage.migrate`) has begun the transaction and ends it."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
