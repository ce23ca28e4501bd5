"""Terraform's expressions, evaluated: what deploy/terraform uses of them (hashicorp/hcl, hclsyntax/spec.md).

`compile_expression(text)` gives a function of a scope, which is a dictionary from the first part of a
reference (`local`, `each`, `aws_sqs_queue`) to a value. Objects and maps are dictionaries and are walked
in order of their keys; lists, tuples and sets are lists.
"""

import json
import re

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w-]*)|(?P<quote>\")"
    r"|(?P<sign>==|!=|<=|>=|&&|\|\||=>|\.\.\.|[-+*/%<>!?:.,=()\[\]{}]))"
)
LITERALS = {"true": True, "false": False, "null": None}
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
# Weakest first.
BINARY = (
    {"||": lambda a, b: a or b},
    {"&&": lambda a, b: a and b},
    {"==": lambda a, b: a == b, "!=": lambda a, b: a != b},
    {"<": lambda a, b: a < b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b},
    {"+": lambda a, b: a + b, "-": lambda a, b: a - b},
    {"*": lambda a, b: a * b, "/": lambda a, b: a / b, "%": lambda a, b: a % b},
)


def text_of(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def ordered(collection):
    """(key, value) in Terraform's order."""
    return sorted(collection.items()) if isinstance(collection, dict) else list(enumerate(collection))


def merge(*maps):
    return {key: value for one in maps for key, value in one.items()}


def flatten(nested):
    return [item for one in nested for item in (flatten(one) if isinstance(one, list) else [one])]


FUNCTIONS = {
    "concat": lambda *lists: [item for one in lists for item in one],
    "contains": lambda collection, value: value in collection,
    "distinct": lambda values: list(dict.fromkeys(values)),
    "flatten": flatten,
    "floor": lambda number: int(number // 1),
    "join": lambda joint, texts: joint.join(texts),
    "jsonencode": lambda value: json.dumps(value, sort_keys=True),
    "keys": sorted,
    "length": len,
    "lookup": lambda mapping, key, *default: mapping.get(key, *default) if default else mapping[key],
    "lower": str.lower,
    "merge": merge,
    "regexall": lambda pattern, text: [list(m) if isinstance(m, tuple) else [m] for m in re.findall(pattern, text)],
    "sha256": lambda text: f"sha256 of {text}",
    "split": lambda joint, text: text.split(joint),
    "tostring": text_of,
    "toset": lambda values: sorted(set(values)),
    "values": lambda mapping: [value for _, value in ordered(mapping)],
    "filebase64sha256": lambda path: f"sha256 of {path}",
}


class Parser:
    def __init__(self, text):
        self.text = text
        self.at = 0

    def peek(self):
        match = TOKEN.match(self.text, self.at)
        return match[0].strip() if match else ""

    def take(self, wanted=None):
        match = TOKEN.match(self.text, self.at)
        token = match[0].strip() if match else ""
        if not token or wanted not in (None, token):
            raise SyntaxError(f"{wanted or 'more'} is missing at {self.text[self.at:]!r}")
        self.at = match.end()
        return token

    def takes(self, token):
        if self.peek() != token:
            return False
        self.take(token)
        return True

    def whole(self):
        parsed = self.expression()
        if self.text[self.at :].strip():
            raise SyntaxError(f"not understood: {self.text[self.at:]!r}")
        return parsed

    def expression(self):
        condition = self.binary(0)
        if not self.takes("?"):
            return condition
        yes = self.expression()
        self.take(":")
        no = self.expression()
        return lambda scope: yes(scope) if condition(scope) else no(scope)

    def binary(self, level):
        if level == len(BINARY):
            return self.unary()
        left = self.binary(level + 1)
        while self.peek() in BINARY[level]:
            operation, right = BINARY[level][self.take()], self.binary(level + 1)
            left = lambda scope, o=operation, a=left, b=right: o(a(scope), b(scope))  # noqa: E731
        return left

    def unary(self):
        if self.takes("!"):
            operand = self.unary()
            return lambda scope: not operand(scope)
        return self.postfix(self.primary())

    def postfix(self, value):
        while self.peek() in (".", "["):
            if self.take() == ".":
                name = self.take()
                value = lambda scope, v=value, n=name: v(scope)[n]  # noqa: E731
            else:
                index = self.expression()
                self.take("]")
                value = lambda scope, v=value, i=index: v(scope)[i(scope)]  # noqa: E731
        return value

    def primary(self):
        token = self.take()
        if token == '"':
            return self.template()
        if token == "(":
            inner = self.expression()
            self.take(")")
            return inner
        if token in "[{":
            return self.collection("]" if token == "[" else "}")
        if token[0].isdigit():
            return lambda scope, n=json.loads(token): n
        if token in LITERALS:
            return lambda scope, v=LITERALS[token]: v
        return self.call(token) if self.takes("(") else lambda scope: scope[token]

    def template(self):
        """A text, after its opening quote."""
        parts = []
        while (char := self.text[self.at]) != '"':
            if char == "\\":
                parts.append(ESCAPES[self.text[self.at + 1]])
                self.at += 2
            elif self.text.startswith("$${", self.at):
                parts.append("${")
                self.at += 3
            elif self.text.startswith("${", self.at):
                self.at += 2
                parts.append(self.expression())
                self.take("}")
            else:
                parts.append(char)
                self.at += 1
        self.at += 1
        return lambda scope: "".join(p if isinstance(p, str) else text_of(p(scope)) for p in parts)

    def call(self, name):
        arguments, spread = [], False
        while not self.takes(")"):
            arguments.append(self.expression())
            spread = self.takes("...")
            self.takes(",")
        if name == "try":
            return lambda scope: first_that_works(arguments, scope)
        function = FUNCTIONS[name]

        def called(scope):
            values = [argument(scope) for argument in arguments]
            return function(*values[:-1], *values[-1]) if spread else function(*values)

        return called

    def collection(self, end):
        if self.takes("for"):
            return self.comprehension(end)
        return self.items() if end == "]" else self.members()

    def items(self):
        items = []
        while not self.takes("]"):
            items.append(self.expression())
            self.takes(",")
        return lambda scope: [item(scope) for item in items]

    def members(self):
        members = []
        while not self.takes("}"):
            bare = re.match(r"\s*([A-Za-z_][\w-]*)\s*[=:]", self.text[self.at :])
            key = self.take() if bare else self.expression()
            self.take("=" if self.peek() == "=" else ":")
            members.append((key, self.expression()))
            self.takes(",")
        return lambda scope: {k if isinstance(k, str) else text_of(k(scope)): v(scope) for k, v in members}

    def comprehension(self, end):
        names = [self.take()]
        if self.takes(","):
            names.append(self.take())
        self.take("in")
        source = self.expression()
        self.take(":")
        first = self.expression()
        value = self.expression() if end == "}" and self.takes("=>") else None
        condition = self.expression() if self.takes("if") else lambda scope: True
        self.take(end)

        def walked(scope):
            for key, item in ordered(source(scope)):
                inner = {**scope, **dict(zip(names[::-1], (item, key), strict=False))}
                if condition(inner):
                    yield inner

        if value is None:
            return lambda scope: [first(inner) for inner in walked(scope)]
        return lambda scope: {text_of(first(inner)): value(inner) for inner in walked(scope)}


def first_that_works(alternatives, scope):
    for alternative in alternatives:
        try:
            return alternative(scope)
        except (KeyError, IndexError):
            continue
    raise KeyError("no argument of try() works")


def compile_expression(text):
    return Parser(text).whole()
