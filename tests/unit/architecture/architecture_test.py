"""Holds the tree to rules.py, and the rules to small trees that break them."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import rules  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]


class TheTree(unittest.TestCase):
    def test_keeps_the_rules(self):
        for rule in rules.RULES:
            with self.subTest(rule=rule.__name__):
                self.assertEqual(list(rule(ROOT)), [])


class TheRules(unittest.TestCase):
    def complaints(self, rule, files):
        with tempfile.TemporaryDirectory() as root:
            for name, text in files.items():
                path = pathlib.Path(root) / "src" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return list(rule(root))

    def includes(self, path, header):
        return self.complaints(rules.wrong_direction, {path: f'#pragma once\n#include "{header}"\n'})

    def test_find_includes_against_the_direction(self):
        for path, header in [("base/a.h", "domain/b.h"), ("domain/a.cc", "signing/b.h"),
                             ("ports/a.h", "services/b.h"), ("services/a.cc", "imaging/b.h"),
                             ("services/a.cc", "adapters/memory/b.h"),
                             ("services/a.cc", "telemetry/log.h"),
                             ("adapters/memory/a.cc", "adapters/embedded/b.h"),
                             ("handlers/a.cc", "app/b.h"), ("telemetry/a.cc", "domain/b.h"),
                             ("app/a.cc", "fronts/server/b.h"), ("fronts/cli/a.cc", "imaging/b.h"),
                             ("fronts/server/a.cc", "fronts/cli/b.h"),
                             ("fronts/main.cc", "imaging/decode.h")]:
            self.assertEqual(self.includes(path, header), [f"src/{path} may not include {header}"])

    def test_allow_includes_along_the_direction(self):
        for path, header in [("domain/a.cc", "base/b.h"), ("ports/a.h", "domain/b.h"),
                             ("adapters/memory/a.cc", "adapters/memory/b.h"),
                             ("handlers/a.cc", "telemetry/log.h"), ("app/a.cc", "imaging/b.h"),
                             ("fronts/main.cc", "imaging/worker_main.h"),
                             ("fronts/cli/a.cc", "fronts/server/b.h"),
                             ("adapters/embedded/a.cc", "sqlite3.h")]:
            self.assertEqual(self.includes(path, header), [], path)

    def test_want_a_rule_for_a_new_room(self):
        self.assertEqual(len(self.includes("attic/a.h", "base/b.h")), 1)

    def test_find_types_of_one_name(self):
        def tree(second):
            return {"base/a.h": "namespace tintype {\nstruct Ticket {\n};\n}  // namespace tintype\n",
                    "net/b.cc": f"namespace tintype {{\n{second}\n}}  // namespace tintype\n"}
        self.assertEqual(
            self.complaints(rules.shared_type_names, tree("class Ticket final : public X {\n};")),
            ["src/net/b.cc: Ticket is already the name of a type in src/base/a.h"])
        for harmless in ("struct Ticket;", "namespace {\nstruct Ticket {\n};\n}  // namespace",
                         "struct TicketBox {\n};"):
            self.assertEqual(self.complaints(rules.shared_type_names, tree(harmless)), [], harmless)

    def test_find_heavy_headers(self):
        for header in ("regex", "iostream", "boost/json.hpp", "boost/json/value.hpp", "vips/vips.h"):
            files = {"domain/a.h": f"#include <{header}>\n", "domain/a.cc": f"#include <{header}>\n"}
            self.assertEqual(self.complaints(rules.heavy_headers, files),
                             [f"src/domain/a.h: <{header}> belongs in a .cc file"])

    def test_find_asio_outside_the_server_and_in_too_many_files(self):
        text = "#include <boost/asio/ip/tcp.hpp>\n"
        self.assertEqual(len(self.complaints(rules.asio_spread, {"net/a.cc": text})), 1)
        server = {f"fronts/server/{name}.cc": text for name in "abcd"}
        self.assertEqual(len(self.complaints(rules.asio_spread, server)), 1)
        server.popitem()
        self.assertEqual(self.complaints(rules.asio_spread, server), [])
        hidden = {"fronts/server/a.h": text, "fronts/server/b.h": '#include "fronts/server/a.h"\n',
                  "fronts/cli/c.cc": '#include "fronts/server/b.h"\n'}
        self.assertEqual(self.complaints(rules.asio_spread, hidden),
                         ["src/fronts/cli/c.cc: Asio and Beast belong in src/fronts/server"])

    def test_find_long_files_and_missing_readmes(self):
        self.assertEqual(len(self.complaints(rules.long_files, {"base/a.cc": "\n" * 601})), 1)
        self.assertEqual(self.complaints(rules.long_files, {"base/a.cc": "\n" * 600}), [])
        self.assertEqual(self.complaints(rules.readmes, {"adapters/memory/a.cc": ""}),
                         ["src/adapters/memory has no README.md"])
        self.assertEqual(len(self.complaints(rules.readmes, {
            "base/a.cc": "", "base/README.md": "x\n" * 41})), 1)


if __name__ == "__main__":
    unittest.main()
