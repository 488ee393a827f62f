"""The key that signs tokens: given by the environment, or made once and kept in the home."""

import os
import tempfile
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from runtime.addresses import listed
from runtime.home import open_home
from runtime.settings import MAKE_A_KEY, Settings, SettingsRefused


def signing_key(settings: Settings) -> Ed25519PrivateKey:
    """This will read the key of TOKEN_KEY or TOKEN_KEY_FILE, or make one in the home where neither is set.

    Raises: SettingsRefused.
    """
    if settings.token_key:
        return _parse(settings.token_key.get_secret_value().encode(), "TOKEN_KEY")
    if settings.token_key_file:
        return _parse(_read(settings.token_key_file), "TOKEN_KEY_FILE")
    return _parse(_read(kept_key(settings.home)), "SALESLOOP_HOME/token.pem")


def former_keys(settings: Settings) -> list[Ed25519PrivateKey]:
    """This will read the keys that were used before, from files that TOKEN_KEY_FORMER_FILES names, the last first.

    Raises: SettingsRefused.
    """
    return [
        _parse(_read(path), "TOKEN_KEY_FORMER_FILES") for path in map(Path, listed(settings.token_key_former_files))
    ]


def key_file(settings: Settings) -> Path | None:
    """This will name the file that child processes are to read, None where the environment holds the key itself."""
    if settings.token_key:
        return None
    return settings.token_key_file or kept_key(settings.home)


def kept_key(home: Path) -> Path:
    """This will give the home's own key file (mode 0600), making it first where there is none."""
    path = home / "token.pem"
    if not path.exists():
        open_home(home)
        _write_once(path, Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def _write_once(path: Path, pem: bytes) -> None:
    """Complete or absent, and the first of two who make it at the same time wins."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".token-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsRefused([f"TOKEN_KEY_FILE: {path} cannot be read ({error.strerror}); {MAKE_A_KEY}"]) from None


def _parse(pem: bytes, source: str) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SettingsRefused([f"{source}: not a readable PEM private key; make one with: {MAKE_A_KEY}"]) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsRefused([f"{source}: a key, but not of Ed25519; make one with: {MAKE_A_KEY}"])
    return key
