"""What Alembic runs for every command: it gets the connection and keeps to the transaction of its caller."""

from alembic import context

from service.store.migrating import CONNECTION
from service.store.tables import METADATA

context.configure(connection=context.config.attributes[CONNECTION], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
