"""Runs the Node SDK's tests (sdk/node/sdk.test.mjs, node:test) against the crowded server."""

import json
import os

from support.node import node


def test_node_sdk_every_operation_paging_and_errors(crowd):
    output = node(
        "--test",
        "--test-reporter=spec",
        "sdk.test.mjs",
        env={
            "HOME": os.environ.get("HOME", "/"),
            "OPENAI_BASE_URL": crowd.server.base_url,
            "OPENAI_ADMIN_KEY": crowd.server.admin_key,
            "ORGKEYS_TEST_CROWD": json.dumps({"project_id": crowd.project["id"], "ids": crowd.ids}),
        },
    )
    assert "fail 0" in output and "skipped 0" in output, output
