"""The settings of the provider that people sign in with by OpenID Connect: all of them, or none."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from runtime.addresses import is_secure, listed


class OpenidSettings(BaseSettings):
    """Where the provider is, how it knows us, where it may send people back to, and whether newcomers are taken in."""

    oidc_issuer: str = Field(
        default="",
        max_length=255,
        description="the provider that people sign in with by OpenID Connect, as https://login.example; empty for none",
    )
    oidc_client_id: str = Field(default="", description="what the provider calls us")
    oidc_client_secret: SecretStr | None = Field(
        default=None, repr=False, description="what we prove it with; empty for a public client"
    )
    oidc_name: str = Field(default="Single sign-on", max_length=100, description="what people call the provider")
    oidc_redirect_uris: str = Field(
        default="",
        description="where the provider may send people back to, exact, with commas: https://app.example/back, "
        "com.example.app:/back",
    )
    oidc_new_user_domains: str = Field(
        default="",
        description="e-mail domains whose people are taken in when they first come, with commas; empty for nobody",
    )
    oidc_new_user_role: str = Field(default="", description="the name of the role that they get; never administrator")

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, url: str) -> str:
        if url and (not is_secure(url) or urlsplit(url).query or urlsplit(url).fragment):
            raise ValueError("it must begin with https://, or http:// on this machine, and have no query nor fragment")
        return url

    @field_validator("oidc_redirect_uris")
    @classmethod
    def _redirects(cls, uris: str) -> str:
        for uri in listed(uris):
            parts = urlsplit(uri)
            if parts.fragment or not (is_secure(uri) or "." in parts.scheme):
                raise ValueError(
                    "each must begin with https://, http:// on this machine, or a scheme of an app such as "
                    "com.example.app:, and have no fragment"
                )
        return uris

    @model_validator(mode="after")
    def _all_of_a_provider(self) -> Self:
        needed = {"OIDC_CLIENT_ID": self.oidc_client_id, "OIDC_REDIRECT_URIS": self.oidc_redirect_uris}
        more = (*needed.values(), self.oidc_client_secret, self.oidc_new_user_domains, self.oidc_new_user_role)
        if not self.oidc_issuer and any(more):
            raise ValueError("OIDC_ISSUER: needed beside other OIDC_ variables; name the provider, or unset them")
        missing = [name for name, value in needed.items() if not value]
        if self.oidc_issuer and missing:
            raise ValueError(f"{' and '.join(missing)}: needed beside OIDC_ISSUER; the provider knows us by them")
        if bool(self.oidc_new_user_domains) != bool(self.oidc_new_user_role):
            raise ValueError("OIDC_NEW_USER_DOMAINS and OIDC_NEW_USER_ROLE: needed together; set both, or neither")
        if self.oidc_new_user_role == "administrator":
            raise ValueError("OIDC_NEW_USER_ROLE: administrator is given by people only; name another role")
        return self
