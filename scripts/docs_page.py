"""The API reference as one HTML page, made of the OpenAPI document.

The page is served with `default-src 'none'; style-src 'unsafe-inline'`: no script, no image, no font.
The same document always makes the same page.
"""
import html
import json
import os
import re

METHODS = ("get", "put", "post", "patch", "delete")
BASE_URL = "http://127.0.0.1:8080"
STYLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "docs_page.css")


def code(text):
    return f"<code>{html.escape(str(text))}</code>"


def prose(text, wrap=True):
    """Paragraphs, and `code` between backticks."""
    def inline(part):
        return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(part.strip(), quote=False))
    parts = [inline(part) for part in re.split(r"\n\s*\n", text or "") if part.strip()]
    return "".join(f"<p>{part}</p>" for part in parts) if wrap else " ".join(parts)


def block(text):
    return f"<pre><code>{html.escape(text, quote=False)}</code></pre>"


def table(head, rows):
    if not rows:
        return ""
    cells = "".join(f"<th>{name}</th>" for name in head)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table></div>'


def pretty(value):
    return value.rstrip() if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


class Page:
    def __init__(self, document):
        self.document = document
        self.schemas = document.get("components", {}).get("schemas", {})

    def resolve(self, node):
        """The node, or what its $ref points at, with the node's own description on top."""
        if "$ref" not in node:
            return node
        target = self.document
        for step in node["$ref"][2:].split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        own = {key: value for key, value in node.items() if key != "$ref"}
        return {**self.resolve(target), **own}

    # Schemas

    def type_of(self, schema):
        """A schema in a few words, with links to the named ones."""
        if "$ref" in schema:
            name = schema["$ref"].split("/")[-1]
            if schema["$ref"] == f"#/components/schemas/{name}":
                return f'<a href="#schema-{name}">{name}</a>'
            return self.type_of(self.resolve(schema))
        for word in ("anyOf", "oneOf"):
            if word in schema and "type" not in schema:
                return " or ".join(self.type_of(option) for option in schema[word])
        if "const" in schema:
            return code(json.dumps(schema["const"]) if schema["const"] is True else schema["const"])
        if "enum" in schema:
            return " | ".join(code("null" if value is None else value) for value in schema["enum"])
        kinds = schema.get("type", "anything")
        kinds = [kinds] if isinstance(kinds, str) else list(kinds)
        if "array" in kinds and "items" in schema:
            kinds[kinds.index("array")] = "array of " + self.type_of(schema["items"])
        return " or ".join(kinds)

    def bounds(self, schema):
        schema = self.resolve(schema)
        parts = []
        for low, high, unit in (("minimum", "maximum", ""), ("minLength", "maxLength", " characters"),
                                ("minItems", "maxItems", " items")):
            least, most = schema.get(low), schema.get(high)
            if least is not None and most is not None:
                parts.append(f"{least} to {most}{unit}")
            elif least is not None:
                parts.append(f"at least {least}{unit[:-1] if least == 1 else unit}")
            elif most is not None:
                parts.append(f"at most {most}{unit}")
        if "default" in schema:
            value = schema["default"]
            parts.append("default " + code(value if isinstance(value, str) else json.dumps(value)))
        return ", ".join(parts)

    def about(self, schema, description=None):
        """Type, bounds and meaning of a member or parameter."""
        bounds = self.bounds(schema)
        first = self.type_of(schema) + (f' <small>{bounds}</small>' if bounds else "")
        named = "$ref" in schema and "description" not in schema
        text = description or ("" if named else self.resolve(schema).get("description", ""))
        return first, prose(text, wrap=False)

    def members(self, schema, prefix=""):
        rows = []
        for name, member in schema.get("properties", {}).items():
            kind, text = self.about(member)
            mark = ' <small>required</small>' if name in schema.get("required", []) else ""
            rows.append((code(prefix + name) + mark, kind, text))
            inner = member if "$ref" not in member else {}
            if "items" in inner and "properties" in inner["items"]:
                rows += self.members(inner["items"], f"{prefix}{name}[].")
            rows += self.members(inner, f"{prefix}{name}.")
        return rows

    def schema(self, name, schema):
        title = f'<section class="schema" id="schema-{name}"><h3>{name}</h3>{prose(schema.get("description"))}'
        body = table(("Member", "Type", "Meaning"), self.members(schema))
        if not body:
            kind, bounds = self.type_of(schema), self.bounds(schema)
            pattern = schema.get("pattern")
            body = f"<p>{kind}" + (f" <small>{bounds}</small>" if bounds else "")
            body += (f" matching {code(pattern)}" if pattern else "") + "</p>"
        if schema.get("additionalProperties") is False:
            body += '<p class="soft">Other members are refused.</p>'
        for example in schema.get("examples", [])[:1]:
            if isinstance(example, (dict, list)) or "\n" in str(example):
                body += f"<details><summary>Example</summary>{block(pretty(example))}</details>"
        return title + body + "</section>"

    # Operations

    def example(self, schema):
        schema = self.resolve(schema)
        return schema["examples"][0] if schema.get("examples") else schema.get("default")

    def curl(self, path, method, operation, parameters):
        if "x-curl" in operation:
            return operation["x-curl"].rstrip()
        for parameter in parameters:
            if parameter["in"] == "path":
                value = parameter.get("example") or self.example(parameter["schema"]) or parameter["name"]
                path = path.replace("{%s}" % parameter["name"], str(value))
        line = "curl " + ("" if method == "get" else f"-X {method.upper()} ") + BASE_URL + path
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return line
        body = json.dumps(self.example(content["application/json"]["schema"]), ensure_ascii=False)
        return f"{line} \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'"

    def parameter_rows(self, parameters):
        rows = []
        for parameter in parameters:
            kind, text = self.about(parameter["schema"], parameter.get("description"))
            mark = " required" if parameter.get("required") else ""
            rows.append((f'{code(parameter["name"])} <small>{parameter["in"]}{mark}</small>', kind, text))
        return rows

    def bodies(self, content):
        return "<br>".join(f'{self.type_of(media["schema"])} <small>{html.escape(kind)}</small>'
                           for kind, media in content.items())

    def answer_rows(self, responses):
        rows = []
        for status, response in responses.items():
            response = self.resolve(response)
            text = prose(response.get("description"), wrap=False)
            if response.get("x-codes"):
                text += "<br>" + " ".join(code(word) for word in response["x-codes"])
            names = [name for name in response.get("headers", {}) if name.lower() != "x-request-id"]
            if names:
                text += f'<br><small>Headers: {html.escape(", ".join(names))}</small>'
            rows.append((f"<strong>{'other' if status == 'default' else status}</strong>", text,
                         self.bodies(response.get("content", {}))))
        return rows

    def operation(self, path, method, item):
        operation = item[method]
        parameters = [self.resolve(p) for p in item.get("parameters", []) + operation.get("parameters", [])]
        out = [f'<section class="op" id="{operation["operationId"]}"><h3>{html.escape(operation["summary"])}</h3>',
               f'<div class="where"><span class="m {method}">{method.upper()}</span>{code(path)}</div>',
               prose(operation.get("description"))]
        if parameters:
            out.append("<h4>Parameters</h4>" + table(("Name", "Type", "Meaning"), self.parameter_rows(parameters)))
        if "requestBody" in operation:
            out.append("<h4>Body</h4><p>" + self.bodies(operation["requestBody"]["content"]) + "</p>")
            for media in operation["requestBody"]["content"].values():
                if "properties" in media["schema"]:
                    out.append(prose(media["schema"].get("description")))
                    out.append(table(("Field", "Type", "Meaning"), self.members(media["schema"])))
        out.append("<h4>Answers</h4>" + table(("Status", "When", "Body"), self.answer_rows(operation["responses"])))
        out.append("<h4>Example</h4>" + block(self.curl(path, method, operation, parameters)))
        return "".join(out) + "</section>"

    # The page

    def operations(self, tag):
        for path, item in self.document["paths"].items():
            for method in item:
                if method in METHODS and tag in item[method].get("tags", []):
                    yield path, method, item

    def navigation(self):
        out = ['<nav aria-label="Contents"><a class="brand" href="#top">Tintype</a>']
        for tag in self.document.get("tags", []):
            out.append(f'<strong>{html.escape(tag["name"])}</strong><ul>')
            for _, method, item in self.operations(tag["name"]):
                operation = item[method]
                out.append(f'<li><a href="#{operation["operationId"]}"><span class="m {method}">{method.upper()}'
                           f'</span>{html.escape(operation["summary"])}</a></li>')
            out.append("</ul>")
        out.append('<div class="schemas"><strong>Schemas</strong><ul>')
        out += [f'<li><a href="#schema-{name}">{name}</a></li>' for name in sorted(self.schemas)]
        return "".join(out) + "</ul></div></nav>"

    def render(self):
        info = self.document["info"]
        with open(STYLE, encoding="utf-8") as file:
            style = file.read()
        main = [f'<main id="top"><h1>{html.escape(info["title"])} API</h1>',
                f'<p class="soft">Version {html.escape(info["version"])} · {html.escape(info.get("summary", ""))}</p>',
                prose(info.get("description")),
                '<p>For programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p>']
        for tag in self.document.get("tags", []):
            main.append(f'<h2>{html.escape(tag["name"])}</h2>{prose(tag.get("description"))}')
            main += [self.operation(*found) for found in self.operations(tag["name"])]
        main.append("<h2>Schemas</h2>")
        main += [self.schema(name, self.schemas[name]) for name in sorted(self.schemas)]
        return ('<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
                '<meta name="viewport" content="width=device-width,initial-scale=1">'
                f'<title>{html.escape(info["title"])} API</title><style>{style}</style></head>'
                f'<body><div class="page">{self.navigation()}{"".join(main)}</main></div></body></html>\n')


def docs_page(document):
    return Page(document).render()
