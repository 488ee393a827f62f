"""What the API process holds for its requests, handed to those who need it."""

from dataclasses import dataclass

from api.access.gate import Gate
from api.graph.engine import Engine
from api.graph.stored import StoredDocuments
from domain.access.tokens import TokenKey
from domain.kernel.clock import Clock
from runtime.settings import Settings
from runtime.vouching import Provider


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The settings, the engine with its plans, the tokens' key, the clock, the gate, the stored documents; and the
    provider that people sign in with, if there is one."""

    settings: Settings
    engine: Engine
    token_key: TokenKey
    clock: Clock
    gate: Gate
    stored: StoredDocuments
    provider: Provider | None = None
