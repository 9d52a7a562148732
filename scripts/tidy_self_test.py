"""Shows that every rule of scripts/tidy.py catches what it is for and leaves alone what it is not for."""
import pathlib
import sys
import tempfile

import cpp_text
import doc_references
import tidy
import twin_names

HEADER = "// What it is.\n#pragma once\n"

# (file name, text, words of the expected message; None: nothing to find)
CASES = [
    ("cp/a.cpp", "auto t = std::chrono::steady_clock::now();\n", "arch::Clock"),
    ("cp/a.cpp", "auto t = time(nullptr);\n", "arch::Clock"),
    ("host/a.cpp", "auto t = std::chrono::steady_clock::now();\n", None),
    ("cp/a.cpp", "// never steady_clock::now() here\nauto s = \"rand()\";\n", None),
    ("cms/a.cpp", "int x = rand();\n", "arch::Prng"),
    ("cms/a.cpp", "std::random_device chance;\n", "arch::Prng"),
    ("qdio/a.cpp", "std::thread worker;\n", "one thread"),
    ("apps/a.cpp", "#include <sys/socket.h>\n", "host/"),
    ("host/a.cpp", "#include <sys/socket.h>\n", None),
    ("cp/a.cpp", "std::printf(\"x\");\n", "fmt::format"),
    ("cp/a.cpp", "std::cout << 1;\n", "fmt::format"),
    ("cp/a.cpp", "fmt::print(\"x\");\n", "returns lines"),
    ("apps/a.cpp", "fmt::print(\"x\");\n", "never throws"),
    ("apps/system/output.cpp", "std::fwrite(text, 1, 2, stdout);\n", None),
    ("cp/a.cpp", "auto* p = new Lan();\n", "make_unique"),
    ("cp/a.cpp", "return std::unique_ptr<Lan>(new Lan());\n", None),
    ("cp/a.cpp", "f(); delete lan;\n", "make_unique"),
    ("cp/a.h", HEADER + "struct A { A(const A&) = delete; };\n", None),
    ("cp/a.cpp", "throw std::runtime_error(\"x\");\n", "architecture's answer"),
    ("cp/a.cpp", "int n = std::stoi(text);\n", "from_chars"),
    ("cp/a.cpp", "#if 0\n#endif\n", "git keeps"),
    ("cp/a.cpp", "#define TWICE(x) ((x) * 2)\n", "macro"),
    ("cp/a.cpp", "void* p = NULL;\n", "nullptr"),
    ("cp/a.h", HEADER + "using namespace std;\n", "name the namespace"),
    ("cp/a.cpp", "using namespace std::literals;\n", None),
    ("cp/a.h", "#pragma once\n", "opens with a comment"),
    ("cp/a.h", "// What it is.\n", "#pragma once"),
    ("cp/a.cpp", "// Formerly a list.\n", "git log"),
    ("cp/a.cpp", "// The buffer is no longer ours.\n", None),
    ("cp/a.cpp", "// TO" "DO: more\n", "finish it"),
    ("docs/a.md", "see /wo" "rk/main\n", "one machine"),
    ("docs/a.md", "see ../sha" "red/design.md\n", "one machine"),
    ("cp/a.cpp", "int a; \n", "blanks at the end"),
    ("cp/a.cpp", "\tint a;\n", "tabs"),
    ("cp/a.cpp", "int a = 1'000'000;\nchar b = '\\'';\nauto c = R\"x(new Lan)x\";\n", None),
]

# (text, the functions and their lines)
FUNCTIONS = [
    ("namespace a {\nint f() {\n  return 1;\n}\n}\n", [("f", 3)]),
    ("struct S {\n  S() : a_{1}, b_(2) {\n    g();\n  }\n  int a_ = 0;\n};\n", [("S", 3)]),
    ("S::S(int a)\n    : a_{a},\n      b_{2} {\n  g();\n}\n", [("S::S", 5)]),
    ("constexpr Row rows[] = {\n  {1, f(2)},\n};\n", []),
    ("template <class T>\nvoid f(T t) {\n  auto l = [&] {\n    return t;\n  };\n}\n", [("f", 6)]),
    ("enum class E : int { a, b };\nstruct alignas(32) X {\n  int a;\n};\n", []),
    ("extern \"C\" {\nint g(void) {\n  return 0;\n}\n}\n", [("g", 3)]),
    ("TEST(Lan, Forwards) {\n  a();\n}\n", [("Lan.Forwards", 3)]),
    ("int f() { return \"{\"[0]; }  // {\n", [("f", 1)]),
]


def rule_cases():
    for name, text, expected in CASES:
        found = list(tidy.text_violations(name, text))
        if name.endswith(tidy.CPP):
            found += tidy.cpp_violations(name, text)
        good = not found if expected is None else any(expected in line for line in found)
        if not good:
            sys.exit(f"tidy self-test: {name}: {text!r}: expected {expected!r}, found {found}")


def function_cases():
    for text, expected in FUNCTIONS:
        found = [(tidy.function_name(head), lines) for _, lines, head in cpp_text.functions(text)]
        if found != expected:
            sys.exit(f"tidy self-test: {text!r}: expected {expected}, found {found}")


def budget_cases():
    long_file = "int a;\n" * (tidy.FILE_BUDGET + 1)
    long_function = "void f() {\n" + "  g();\n" * tidy.FUNCTION_LIMIT + "}\n"
    cases = [
        ({"cp/a.cpp": long_file}, "", "allowed 300"),
        ({"cp/a.cpp": long_file}, "cp/a.cpp 301  # a table\n", None),
        ({"cp/a.cpp": long_file * 2}, "cp/a.cpp 700\n", "no file may have"),
        ({"cp/a.cpp": "int a;\n"}, "cp/a.cpp 301\n", "remove the line"),
        ({"cp/a.cpp": long_function}, "", "allowed 70"),
        ({"cp/a.cpp": long_function}, "cp/a.cpp f 72\n", None),
        ({"cp/a.cpp": long_function}, "cp/a.cpp f 71\n", "allowed 71"),
    ]
    for files, budget, expected in cases:
        found = list(tidy.budget_violations(files, tidy.read_budget(budget)))
        good = not found if expected is None else any(expected in line for line in found)
        if not good:
            sys.exit(f"tidy self-test: budget {budget!r}: expected {expected!r}, found {found}")
    return len(cases)


def document_cases():
    cases = [
        ("`cp/turns.h` and [it](docs/A.md)", None),
        ("`cp/gone.h`", "does not exist"),
        ("[gone](docs/B.md)", "does not exist"),
        ("`cp::Turn::machine` and `std::vector`", None),
        ("`cp::Gone`", "no 'Gone'"),
        ("| 3 | the base | `Turn::machine` runs | `cp/turns.h` |", None),
        ("| 3 | the base | `Turn::copies` | `cp/turns.h` |", "no 'copies' in `cp/turns.h`"),
        ("```vm\nA> QUERY\n...\nA: 2\n```\n", None),
        ("```vm\nA: 2\nA> QUERY\n```\n", "quotes 'A> QUERY'"),
        ("```vm examples/two-users.vm\nA: 2\n```\n", None),
        ("```vm docs/A.md\nA: 2\n```\n", "quotes 'A: 2', which docs/A.md does not show"),
        ("```vm docs/B.vm\nA: 2\n```\n", "quotes docs/B.vm, which does not exist"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in (("cp/turns.h", "struct Turn { int machine; };"), ("docs/A.md", ""),
                           (doc_references.EXAMPLE, "A> QUERY\nA: 1\nA: 2\n")):
            (root / name).parent.mkdir()
            (root / name).write_text(text)
        for text, expected in cases:
            found = [*doc_references.violations(root, "README.md", text),
                     *doc_references.misquoted(root, "README.md", text),
                     *doc_references.astray(root, "README.md", text)]
            good = not found if expected is None else any(expected in line for line in found)
            if not good:
                sys.exit(f"tidy self-test: {text!r}: expected {expected!r}, found {found}")


def twin_cases():
    cases = [  # in a.cpp and b.cpp of a room; twins?
        ("constexpr unsigned most = 2;", "constexpr unsigned most = 3;", True),
        ("struct Host { int most; };", "class Host final : public Base {};", True),
        ("int sum(int a) { int most = a; return most; }", "int sum(int a) { return -a; }", True),
        ("int sum(int a) { return a; }", "int sum(long a) { return 1; }", False),
        ("using Host = int;", "using Host = int;", False),
        ("}  // namespace\nint most = 2;\nnamespace {", "int most = 2;", False),
    ]
    for first, second, twins in cases:
        texts = [f"namespace {{\n{text}\n}}  // namespace\n" for text in (first, second)]
        for names, expected in ((("cp/a.cpp", "cp/b.cpp"), twins), (("cp/a.cpp", "cp/b_test.cpp"), False),
                                (("cp/a.cpp", "tests/b.cpp"), False)):
            if bool([*twin_names.violations(dict(zip(names, texts)), {"cp"})]) != expected:
                sys.exit(f"tidy self-test: twins {first!r} and {second!r} as {names}: expected {expected}")
    return len(cases)


def run():
    rule_cases()
    function_cases()
    document_cases()
    budgets = budget_cases() + twin_cases()
    print(f"tidy self-test: {len(CASES) + len(FUNCTIONS) + budgets} cases hold")
