"""Boxes: what secrets that must be read again are encrypted in, with keys derived from those of the house.

What was encrypted under a former key of the house is read as long as that is known (`TOKEN_KEY_FORMER_FILES`).
"""

import base64

from cryptography.fernet import Fernet, MultiFernet

from domain.access.tokens import TokenKey, derived


def box(key: TokenKey, purpose: bytes) -> MultiFernet:
    """This will give what encrypts with the present key of the house, and decrypts with former ones as well."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(derived(seed, purpose))) for seed in key.seeds])
