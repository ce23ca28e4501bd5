#!/usr/bin/env python3
"""Turns api/openapi.yaml into a C++ source file with the document as JSON and as an HTML page.

Usage: embed_api.py openapi.yaml out.cc
"""
import json
import sys

import yaml

from docs_page import docs_page

CHUNK = 8000  # characters of one string literal


def literal(text):
    """The text as adjacent raw string literals."""
    pieces = [text[i:i + CHUNK] for i in range(0, len(text), CHUNK)] or [""]
    return "\n".join(f'R"tintype({piece})tintype"' for piece in pieces)


def main():
    source, target = sys.argv[1:3]
    with open(source, encoding="utf-8") as file:
        document = yaml.safe_load(file)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    with open(target, "w", encoding="utf-8") as out:
        out.write('#include "handlers/api_document.h"\n\nnamespace tintype {\n\n')
        for name, value in (("openapi_json", text), ("docs_html", docs_page(document))):
            out.write(f"std::string_view {name}() {{\n  static constexpr std::string_view kText =\n"
                      f"{literal(value)};\n  return kText;\n}}\n\n")
        out.write("}  // namespace tintype\n")


if __name__ == "__main__":
    main()
