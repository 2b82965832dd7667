"""Values that a JSON schema does not allow, made from the schema."""

_SAMPLES = {
    "string": "text",
    "integer": 7,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}


def flatten(document, schema):
    """A schema with its anyOf/oneOf branches and type lists merged into (types, keywords)."""
    schema = document.resolve(schema)
    types, keywords = set(), {}
    for branch in [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])]:
        branch = document.resolve(branch)
        kind = branch.get("type", [])
        types |= {kind} if isinstance(kind, str) else set(kind)
        for name, value in branch.items():
            if name not in ("type", "anyOf", "oneOf"):
                keywords.setdefault(name, value)
    if "number" in types:
        types.add("integer")
    return types, keywords


def wrong_types(types):
    """One value of each JSON type that is not among the given ones; null is another question."""
    return [value for kind, value in _SAMPLES.items() if kind not in types and kind != "null"]
