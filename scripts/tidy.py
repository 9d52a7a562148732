#!/usr/bin/env python3
"""The house rules that a machine can hold: bans with their cure, budgets as a ratchet, opening comments,
documents that name only what exists.

Prints one line for each violation; exit code 1 if there is any. --self-test shows that each rule catches
what it is for. Budgets that are exceeded with a reason stand in scripts/tidy_budget.txt; nothing may grow
beyond its line there, and a line that is not needed any more has to go.
"""
import pathlib
import re
import subprocess
import sys

import check_layers
import cpp_text
import doc_references
import twin_names

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE_BUDGET, FILE_LIMIT = 300, 400
FUNCTION_LIMIT = 70
BUDGET_LIST = "scripts/tidy_budget.txt"
CPP = (".h", ".cpp", ".c")
# Files that have to spell out what they forbid.
RULE_BOOKS = {"scripts/tidy.py"}

OUTSIDE = ("host/", "hercules/", "tests/linked/", "tests/module/emulator.c", "tests/fuzz/queue_races_fuzz.cpp")  # may ask the computer for time, chance or threads
HARNESS = ("tests/", "bench/", "_test.cpp")
C_FOLDERS = ("hercules/", "tests/module/emulator.c")  # C, as the emulator's headers are
GUEST_SIDE = ("tests/hercules/guest/",)  # programs of a guest's Linux, in C: no part of vmlan

# (pattern in code, where it is allowed: how the name begins or, with .cpp, ends; cure)
CODE_BANS = [
    (r"\b(system|steady|high_resolution)_clock::now\b|\b(gettimeofday|clock_gettime|localtime(_r)?)\s*\(|\btime\s*\(\s*(nullptr|NULL|0|&)",
     OUTSIDE, "time comes in as arch::Clock"),
    (r"(?<![\w.>])(std::)?s?rand\s*\(|\brandom_device\b|\barc4random|\bgetrandom\s*\(",
     OUTSIDE + ("cms/stack/lwip_platform.cpp", "cms/stack/lwip_instance_test.cpp"),  # lwIP asks rand(): answered with a Prng
     "chance comes in as arch::Prng"),
    (r"\bstd::(jthread|thread|async|mutex|condition_variable)\b|#\s*include\s*<(thread|mutex|future|condition_variable)>|\bpthread_",
     OUTSIDE, "one thread outside host/; interruptions only mark"),
    (r"#\s*include\s*<(sys/(socket|un|epoll|select)\.h|poll\.h|netinet/\S+|netdb\.h|net/\S+|pcap\S*)>",
     OUTSIDE, "sockets, polls and captures live in host/"),
    (r"(?<![\w:>.])(std::)?(f|s|sn|v|vsn)?printf\s*\(|(?<![\w:>.])puts\s*\(|#\s*include\s*<(iostream|stdio\.h)>|\bstd::(cout|cerr)\b",
     C_FOLDERS, "fmt::format; apps/system/output.h prints"),
    (r"\bfmt::print(ln)?\b|\bstd(out|err)\b|(?<![\w:>.])(std::)?(fputs|fwrite|putchar)\s*\(",
     ("apps/system/output.cpp", "apps/cli/line_input.cpp", "host/background_output.", "host/trace/") + HARNESS + C_FOLDERS,
     "apps/system/output.h prints and never throws; a layer returns lines or writes to its Console"),
    (r"(?<!\()\bnew\s+[A-Za-z_:]|\bdelete\s*\[\s*\]|(?<!=)\s\bdelete\s+[A-Za-z_*(]",
     ("guestlan/ip_table.cpp",),  # the union in IpEntry owns its Group, which keeps a slot at 32 bytes
     "std::make_unique, std::unique_ptr<T>(new T()) or a container"),
    (r"\bthrow\b(?! std::bad_alloc)", ("host/", "apps/") + HARNESS, "return the architecture's answer or a numbered message"),
    (r"\bstd::sto(i|l|ul|ll|ull|f|d)\b|(?<![\w:>.])ato[il]l?\s*\(", HARNESS, "std::from_chars: never throws, sees the rest"),
    (r"#\s*if\s+0\b", (), "delete it; git keeps it"),
    (r"#\s*define\s+\w+\(", (), "a function or a template; no macro logic"),
    (r"\bNULL\b", C_FOLDERS, "nullptr"),
    (r"\btypedef\b", C_FOLDERS, "using"),
]
HEADER_BANS = [
    (r"\busing\s+namespace\b", (), "name the namespace; a header decides for nobody"),
]
COMMENT_BANS = [
    (r"(?i)\b(formerly|used to (be|have|do)|was (renamed|moved|rewritten|refactored)|(renamed|moved) from"
     r"|previous (version|implementation)|old (version|implementation|code)|in an earlier version|@author|\bauthor:)",
     (), "say how it is; git log knows how it was"),
]
TEXT_BANS = [
    (r"\b(TODO|FIXME|XXX|HACK)\b", (), "finish it, or write an issue"),
    (r"(^|[^A-Za-z0-9_.])/(work|farm|root|home)/|\.\./shared", (), "no path of one machine"),
    (r"[ \t]+$", (), "no blanks at the end of a line"),
    (r"\t", (), "no tabs"),
]


def listed_files():
    """Everything git would track, as paths relative to the root."""
    names = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"],
                           capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).is_file()]


def is_text(name):
    return pathlib.Path(name).suffix in CPP + (".py", ".md", ".txt", ".cmake", ".json", ".vm", "") and \
        not name.startswith(("tests/fuzz/corpus/", "tests/golden/"))


def banned(name, text, bans):
    for pattern, allowed, cure in bans:
        if name.startswith(allowed) or name.endswith(tuple(part for part in allowed if part.endswith(".cpp"))):
            continue
        for match in re.finditer(pattern, text, re.MULTILINE):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{name}:{line}: '{match.group(0).strip()}': {cure}"


def text_violations(name, text):
    if name not in RULE_BOOKS:
        bans = TEXT_BANS
        if name.endswith((".vm", ".md")):  # consoles and prose may end a line with a blank, or show a tab
            bans = [ban for ban in TEXT_BANS if ban[0] not in (r"[ \t]+$", r"\t")]
        yield from banned(name, text, bans)


def cpp_violations(name, text):
    code = cpp_text.code_only(text)
    if not name.startswith(GUEST_SIDE):
        yield from banned(name, code, CODE_BANS)
    yield from banned(name, cpp_text.comments_only(text), COMMENT_BANS)
    if name.endswith(".h"):
        yield from banned(name, code, HEADER_BANS)
        if not text.startswith("//"):
            yield f"{name}:1: a header opens with a comment: what it is, who owns what, where the facts are from"
        if "#pragma once" not in text:
            yield f"{name}:1: #pragma once"


def read_budget(text):
    """Lines 'FILE LINES' or 'FILE FUNCTION LINES', '#' begins a comment."""
    budget = {}
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if words:
            budget[tuple(words[:-1])] = int(words[-1])
    return budget


def function_name(head):
    before_arguments = head.split("(")[0].split()
    if before_arguments and before_arguments[-1] in ("TEST", "TEST_F", "TEST_P"):
        return re.sub(r"\W+", ".", head[head.index("(") + 1:head.rindex(")")])
    return before_arguments[-1].lstrip("*&") if before_arguments else head


def budget_violations(files, budget):
    """`files`: name -> text. Every entry of `budget` has to be used."""
    used = set()

    def judge(key, place, lines, limit):
        if lines <= limit:
            return
        used.add(key)
        if lines > budget.get(key, limit):
            yield f"{place}: {lines} lines, allowed {budget.get(key, limit)}: split it (or list it in {BUDGET_LIST})"

    for name, text in files.items():
        yield from judge((name,), name, text.count("\n"), FILE_BUDGET)
        for first, lines, head in cpp_text.functions(text):
            function = function_name(head)
            yield from judge((name, function), f"{name}:{first}: {function}", lines, FUNCTION_LIMIT)
    for key, lines in budget.items():
        if key not in used:
            yield f"{BUDGET_LIST}: {' '.join(key)} keeps its budget now: remove the line"
        if len(key) == 1 and lines > FILE_LIMIT:
            yield f"{BUDGET_LIST}: {key[0]}: no file may have more than {FILE_LIMIT} lines"


def check():
    names = listed_files()
    found, sources = [], {}
    for name in filter(is_text, names):
        text = (ROOT / name).read_text(errors="replace")
        found += text_violations(name, text)
        if name.endswith(".md"):
            found += doc_references.violations(ROOT, name, text)
            found += doc_references.misquoted(ROOT, name, text)
            found += doc_references.astray(ROOT, name, text)
        if name.endswith(CPP):
            sources[name] = text
            found += cpp_violations(name, text)
    found += twin_names.violations(sources, set(check_layers.ARROWS) - check_layers.OUTSIDE)
    budget_file = ROOT / BUDGET_LIST
    found += budget_violations(sources, read_budget(budget_file.read_text() if budget_file.exists() else ""))
    for line in found:
        print(line)
    if not found:
        longest = max((lines for text in sources.values() for _, lines, _ in cpp_text.functions(text)), default=0)
        print(f"tidy: {len(sources)} C++ files keep the rules; longest function {longest} lines")
    return 1 if found else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        import tidy_self_test
        tidy_self_test.run()
        return 0
    return check()


if __name__ == "__main__":
    sys.exit(main())
