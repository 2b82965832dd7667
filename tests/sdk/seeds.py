"""The snippets of the four seed documents, as they stand there."""

# OpenAI's reference, Python: list project API keys.
PYTHON_LIST_PROJECT_KEYS = """\
import os
from openai import OpenAI

client = OpenAI(
    admin_api_key=os.environ.get("OPENAI_ADMIN_KEY"),  # This is the default and can be omitted
)
page = client.admin.organization.projects.api_keys.list(
    project_id="project_id",
)
page = page.data[0]
print(page.id)
"""

# An older reference, curl: list project API keys, and its example of a reply.
CURL_LIST_PROJECT_KEYS = """\
curl --request GET \\
--url https://api.openai.com/v1/organization/projects/{project_id}/api_keys \\
--header 'Authorization: Bearer <token>'
"""
LIST_EXAMPLE_WITH_OLD_OWNER = {
    "object": "list",
    "data": [
        {
            "object": "organization.project.api_key",
            "redacted_value": "<string>",
            "name": "<string>",
            "created_at": 123,
            "id": "<string>",
            "owner": {
                "type": "user",
                "user": {
                    "object": "organization.project.user",
                    "id": "<string>",
                    "name": "<string>",
                    "email": "<string>",
                    "role": "owner",
                    "added_at": 123,
                },
                "service_account": {
                    "object": "organization.project.service_account",
                    "id": "<string>",
                    "name": "<string>",
                    "role": "owner",
                    "created_at": 123,
                },
            },
        }
    ],
    "first_id": "<string>",
    "last_id": "<string>",
    "has_more": True,
}

# OpenAI's reference, Ruby: list admin API keys. sdk/node/ruby-seed.mjs does the same in Node; the
# example of a reply, less its owner (a service account there, which is never sent any more).
ADMIN_LIST_EXAMPLE = {
    "object": "list",
    "data": [
        {
            "object": "organization.admin_api_key",
            "id": "key_abc",
            "name": "Main Admin Key",
            "redacted_value": "sk-admin...def",
            "created_at": 1711471533,
            "last_used_at": 1711471534,
            "owner": {
                "type": "user",
                "object": "organization.user",
                "id": "user_abc",
                "name": "First Last",
                "created_at": 1711471533,
                "role": "owner",
            },
        }
    ],
    "first_id": "key_abc",
    "last_id": "key_abc",
    "has_more": False,
}

# OpenAI's reference, curl: retrieve a project API key, and its example of a reply.
CURL_RETRIEVE_PROJECT_KEY = """\
curl https://api.openai.com/v1/organization/projects/proj_abc/api_keys/key_abc \\
  -H "Authorization: Bearer $OPENAI_ADMIN_KEY" \\
  -H "Content-Type: application/json"
"""
KEY_EXAMPLE = {
    "object": "organization.project.api_key",
    "redacted_value": "sk-abc...def",
    "name": "My API Key",
    "created_at": 1711471533,
    "last_used_at": 1711471534,
    "id": "key_abc",
    "owner": {
        "type": "user",
        "user": {
            "id": "user_abc",
            "name": "First Last",
            "email": "user@example.com",
            "role": "owner",
            "created_at": 1711471533,
        },
    },
}
