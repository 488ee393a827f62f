"""What the API process holds for all its requests, handed to those who need it."""

from dataclasses import dataclass

from api.graph.engine import Engine
from domain.access.rules import TokenKey
from domain.kernel.clock import Clock
from runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The settings, the engine with its plans, the key that tokens are signed with, and the clock."""

    settings: Settings
    engine: Engine
    token_key: TokenKey
    clock: Clock
