"""What the settings say about the OpenID Connect provider, as its calls take it."""

from prorata.app.identity import issuer_of
from prorata.app.settings import BadSettings, ServerSettings
from prorata.control.oidc.providers import OutsideProvider, ProviderFailed, check_address
from prorata.rest.oidc.call import Provider
from prorata.rest.workspace.call import Workspace


def provider_of(workspace: Workspace, settings: ServerSettings) -> Provider:
    """Return what the provider's calls share. Raises `BadSettings`."""
    outside = {}
    for terms in settings.identity.providers:
        try:
            check_address(terms.issuer)
        except ProviderFailed as problem:
            raise BadSettings(f"identity.providers: issuer: {problem}") from None
        outside[terms.name] = OutsideProvider(terms)
    return Provider(workspace=workspace, url=issuer_of(settings), outside=outside)
