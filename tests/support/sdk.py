"""OpenAI's Python SDK, over a transport that checks every reply."""

import httpx
import openai

from support.checks import AsyncCheckingTransport, CheckingTransport


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
