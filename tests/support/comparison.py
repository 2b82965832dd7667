"""Two OpenAPI documents, operation by operation and field by field: what differs, one line each."""

from support.openapi import resolve

LIMITS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "default")


class Field:
    """What a schema says of one value, its references, branches and compositions merged."""

    def __init__(self, document, schema):
        self.types, self.choices, self.limits = set(), None, {}
        self.fields, self.required, self.items, self.others = {}, set(), None, None
        self._add(document, schema)

    def _add(self, document, schema):
        schema = resolve(document, schema)
        kind = schema.get("type", [])
        self.types |= {kind} if isinstance(kind, str) else set(kind)
        choices = [schema["const"]] if "const" in schema else schema.get("enum")
        if choices is not None:
            self.choices = sorted(set(self.choices or []) | {c for c in choices if c is not None})
        for name in LIMITS:
            if name in schema:
                self.limits[name] = schema[name]
        self.required |= set(schema.get("required", []))
        for name, field in schema.get("properties", {}).items():
            self.fields[name] = Field(document, field)
        if "items" in schema:
            self.items = Field(document, schema["items"])
        if isinstance(schema.get("additionalProperties"), dict):
            self.others = Field(document, schema["additionalProperties"])
        for composition in ("anyOf", "oneOf", "allOf"):
            for branch in schema.get(composition, []):
                self._add(document, branch)


def compare_fields(where, theirs, ours):
    """Lines such as `request.name: maxLength: none, ours 255`."""
    if theirs.types != ours.types:
        yield f"{where}: type: {'/'.join(sorted(theirs.types))}, ours {'/'.join(sorted(ours.types))}"
    if theirs.choices != ours.choices:
        yield f"{where}: enum: {_compared(theirs.choices, ours.choices)}"
    for name in LIMITS:
        if theirs.limits.get(name) != ours.limits.get(name):
            yield f"{where}: {name}: {_said(theirs.limits.get(name))}, ours {_said(ours.limits.get(name))}"
    for name in sorted(theirs.fields.keys() | ours.fields.keys()):
        inner = f"{where}.{name}"
        if name not in ours.fields:
            yield f"{inner}: only theirs"
        elif name not in theirs.fields:
            yield f"{inner}: only ours"
        else:
            if (name in theirs.required) != (name in ours.required):
                yield f"{inner}: {'required' if name in theirs.required else 'optional'}, ours " + (
                    "required" if name in ours.required else "optional"
                )
            yield from compare_fields(inner, theirs.fields[name], ours.fields[name])
    if (theirs.items is None) != (ours.items is None):
        yield f"{where}: items: {_said(theirs.items)}, ours {_said(ours.items)}"
    elif theirs.items is not None:
        items = f"{where} item" if where.endswith("[]") else f"{where}[]"
        yield from compare_fields(items, theirs.items, ours.items)


def _compared(theirs, ours):
    if theirs is None or ours is None:
        return f"{_said(theirs)}, ours {_said(ours)}" if ours else f"{len(theirs)} values, ours any"
    missing = sorted(set(theirs) - set(ours))
    extra = sorted(set(ours) - set(theirs))
    return "; ".join(
        f"{len(values)} only {whose}: {'/'.join(values[:3])}{'...' if len(values) > 3 else ''}"
        for whose, values in (("theirs", missing), ("ours", extra))
        if values
    )


def _said(value):
    if value is None:
        return "none"
    if isinstance(value, list):
        return "/".join(map(str, value))
    return "some" if isinstance(value, Field) else str(value)


def _body(document, operation, key):
    node = resolve(document, operation.get("requestBody") if key is None else operation["responses"].get(key))
    if not node or "application/json" not in node.get("content", {}):
        return None
    return Field(document, node["content"]["application/json"]["schema"])


def _query(document, item, operation):
    """name: (Field, required); nested parameters are spelled as they are sent."""
    found = {}
    for parameter in [*item.get("parameters", []), *operation.get("parameters", [])]:
        parameter = resolve(document, parameter)
        if parameter["in"] != "query":
            continue
        field = Field(document, parameter["schema"])
        if field.types == {"object"}:
            for name, inner in field.fields.items():
                found[f"{parameter['name']}[{name}]"] = (inner, name in field.required)
        else:
            found[parameter["name"]] = (field, parameter.get("required", False))
    return found


def compare_operation(name, theirs, ours):
    """`theirs` and `ours` are (document, path item, operation)."""
    their_document, their_item, their_operation = theirs
    our_document, our_item, our_operation = ours
    their_query = _query(their_document, their_item, their_operation)
    our_query = _query(our_document, our_item, our_operation)
    for parameter in sorted(their_query.keys() | our_query.keys()):
        where = f"{name} query {parameter}"
        if parameter not in our_query:
            yield f"{where}: only theirs"
        elif parameter not in their_query:
            yield f"{where}: only ours"
        else:
            if their_query[parameter][1] != our_query[parameter][1]:
                yield f"{where}: required: {their_query[parameter][1]}, ours {our_query[parameter][1]}"
            yield from compare_fields(where, their_query[parameter][0], our_query[parameter][0])
    for label, key in (("request", None), ("reply", "200")):
        their_body = _body(their_document, their_operation, key)
        our_body = _body(our_document, our_operation, key)
        if (their_body is None) != (our_body is None):
            yield f"{name} {label}: {'none' if their_body is None else 'some'}, ours {'none' if our_body is None else 'some'}"
        elif their_body is not None:
            yield from compare_fields(f"{name} {label}", their_body, our_body)
    their_body = resolve(their_document, their_operation.get("requestBody")) or {}
    our_body = resolve(our_document, our_operation.get("requestBody")) or {}
    if their_body and our_body and their_body.get("required", False) != our_body.get("required", False):
        yield f"{name} request: required: {their_body.get('required', False)}, ours {our_body.get('required', False)}"
