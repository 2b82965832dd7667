"""OpenAI's Python SDK, over a transport that checks every reply."""

import httpx
import openai

from support.checks import AsyncCheckingTransport, CheckingTransport


class CountingTransport(CheckingTransport):
    """Keeps the requests that were sent, so that a repeated one shows."""

    def __init__(self):
        super().__init__()
        self.requests = []

    def handle_request(self, request):
        self.requests.append(request)
        return super().handle_request(request)


def sdk_client(server, key=None, transport=None, **options):
    return openai.OpenAI(
        admin_api_key=key or server.admin_key,
        base_url=server.base_url,
        http_client=httpx.Client(transport=transport or CheckingTransport(), timeout=60),
        **options,
    )


def async_sdk_client(server, key=None, **options):
    return openai.AsyncOpenAI(
        admin_api_key=key or server.admin_key,
        base_url=server.base_url,
        http_client=httpx.AsyncClient(transport=AsyncCheckingTransport(), timeout=60),
        **options,
    )
