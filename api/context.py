"""What the API process holds for its requests, handed to those who need it."""

from dataclasses import dataclass

from api.access.gate import Gate
from api.graph.engine import Engine
from domain.access.rules import TokenKey
from domain.kernel.clock import Clock
from runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The settings, the engine with its plans, the key that tokens are signed with, the clock, the gate."""

    settings: Settings
    engine: Engine
    token_key: TokenKey
    clock: Clock
    gate: Gate
