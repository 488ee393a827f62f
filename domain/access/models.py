"""Tables of access: who may come in."""

from tortoise import fields
from tortoise.indexes import Index

from domain.kernel.record import Record


class User(Record):
    """A person who signs in: colleagues who sell, deliver and listen, and those who run the house."""

    prefix = "usr"

    email = fields.CharField(max_length=254, unique=True, description="Where mail reaches them; lower case; the login.")
    name = fields.CharField(max_length=200, description="What colleagues call them.")
    password_hash = fields.CharField(max_length=200, description="Argon2id, in the PHC string format.")
    is_administrator = fields.BooleanField(default=False, description="Whether they see and may do everything.")
    is_active = fields.BooleanField(default=True, description="Whether they may sign in.")

    class Meta:
        table = "access_user"
        indexes = (Index(fields=("name", "id")),)
