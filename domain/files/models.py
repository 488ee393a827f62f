"""Tables of files: what people hand in and what jobs hand back, kept in the database so that any machine reads it."""

from tortoise import Model, fields
from tortoise.migrations.constraints import UniqueConstraint

from domain.access.models import User
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record


class File(Record):
    """A file that somebody uploaded for a job, or that a job wrote for somebody."""

    prefix = "fil"
    guard = Guard(read=Permission.IMPORTS_WRITE, write=Permission.IMPORTS_WRITE, owner="owner_id")

    owner: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User, related_name="files", null=True, on_delete=fields.SET_NULL, description="Who may read it."
    )
    name = fields.CharField(max_length=200, description="Its name, without folders.")
    media_type = fields.CharField(max_length=100, description="What it holds, e.g. text/csv.")
    size = fields.BigIntField(default=0, description="Its length in bytes.")
    is_complete = fields.BooleanField(default=False, description="Whether all of it has arrived.")

    class Meta:
        table = "file"


class FileChunk(Model):
    """A piece of a file, at most 1 MiB, so that no process ever holds a whole one."""

    id = fields.BigIntField(primary_key=True, generated=True)
    file: fields.ForeignKeyRelation[File] = fields.ForeignKeyField(
        File, related_name="chunks", on_delete=fields.CASCADE
    )
    position = fields.IntField(description="Its place in the file, from 0.")
    content = fields.BinaryField()

    class Meta:
        table = "file_chunk"
        constraints = (UniqueConstraint(fields=("file_id", "position"), name="file_chunk_position_once"),)
