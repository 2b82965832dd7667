"""The server's own /openapi.json: its operations, and the check of a reply against it."""

import copy
import re
import threading
from urllib.parse import urlsplit

from jsonschema_rs import Draft202012Validator

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


def resolve(document, node):
    """Follows `$ref` until there is none."""
    while isinstance(node, dict) and "$ref" in node:
        target = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def _closed(schema, inside_all_of=False):
    """A copy in which objects hold only the fields that are described."""
    if isinstance(schema, list):
        return [_closed(part, inside_all_of) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {
        name: _closed(part, name == "allOf") if name not in ("enum", "const", "default", "example") else part
        for name, part in schema.items()
    }
    if "allOf" in closed:
        closed.setdefault("unevaluatedProperties", False)
    elif isinstance(closed.get("properties"), dict) and not inside_all_of:
        closed.setdefault("additionalProperties", False)
    return closed


class Operation:
    def __init__(self, document, method, path, node, shared_parameters):
        self.document = document
        self.method = method.upper()
        self.path = path  # with the version: /v1/organization/...
        self.node = node
        self.id = f"{self.method} {path}"
        self.parameters = [resolve(document, p) for p in [*shared_parameters, *node.get("parameters", [])]]

    def query_parameters(self):
        return {
            p["name"]: resolve(self.document, p.get("schema", {}))
            for p in self.parameters
            if p["in"] == "query"
        }

    def path_parameters(self):
        return re.findall(r"{(\w+)}", self.path)

    def body_schema(self):
        """The schema of the body, resolved one level; None when it takes none."""
        body = resolve(self.document, self.node.get("requestBody"))
        if not body:
            return None
        [content] = body["content"].values()
        return resolve(self.document, content["schema"])

    def reply_schema(self, status):
        responses = self.node["responses"]
        found = responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default")
        if found is None:
            return None
        content = resolve(self.document, found).get("content", {})
        return content.get("application/json", {}).get("schema")


class Document:
    def __init__(self, document):
        self.document = document
        prefix = urlsplit((document.get("servers") or [{"url": ""}])[0]["url"]).path.rstrip("/")
        self.operations = {}
        self._patterns = []
        for path, item in document["paths"].items():
            full = path if path.startswith(prefix + "/") or not prefix else prefix + path
            pattern = "".join(
                "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"({\w+})", full)
            )
            by_method = {}
            for method in METHODS:
                if method in item:
                    operation = Operation(document, method, full, item[method], item.get("parameters", []))
                    self.operations[operation.id] = operation
                    by_method[operation.method] = operation
            self._patterns.append((full.count("{"), re.compile(pattern + r"\Z"), by_method))
        self._patterns.sort(key=lambda entry: entry[0])  # literal paths before templates
        self._closed_document = {"components": _closed(document.get("components", {}))}
        self._validators = {}
        self._lock = threading.Lock()

    def match(self, method, path):
        """The operation that a request is for, or None."""
        method = "GET" if method == "HEAD" else method
        for _, pattern, by_method in self._patterns:
            if pattern.match(path):
                return by_method.get(method)
        return None

    def validator(self, operation, status):
        key = (operation.id, status)
        with self._lock:
            if key not in self._validators:
                schema = operation.reply_schema(status)
                if schema is not None:
                    closed = copy.deepcopy(_closed(schema))
                    schema = Draft202012Validator({**closed, **self._closed_document})
                self._validators[key] = schema
            return self._validators[key]

    def resolve(self, node):
        return resolve(self.document, node)
