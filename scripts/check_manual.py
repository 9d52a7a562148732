#!/usr/bin/env python3
"""Holds what people read against what the program says and takes.

  message numbers   apps/system/messages.cpp and hercules/*: each stands in docs/MANUAL.md, the module's in docs/vnic.5 too
  options           each of apps/cli/*_forms.cpp stands in docs/vmlan.1 and docs/MANUAL.md
  Linux' words      each command of the tables in docs/LINUX-WORDS.md is typed in tests/scripts/linux_words.vm
  keywords          each of the VNIC statement (hercules/statement.cpp) stands in docs/vnic.5 and docs/MANUAL.md

and the other way round: a number, an option or a keyword that is gone has no line left. One line for each violation;
exit code 1 if there is any. --self-test shows that violations are caught.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
IDENTITY = re.compile(r"\b(HHC|VML[A-Z]{3})(\d{3,5})([IWESD])\b")
# "HHC03812E-03817E" and "VMLHRC701I, 705I": what follows takes the letters of the number before it.
FIRST = re.compile(r"\b(HHC|VML[A-Z]{3})(?=\d)")
NEXT = re.compile(r"(\d{3,5})([IWESD])(–|, |; )?")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
MODULE = "HHC"


def said(text):
    """The message identities in the string literals of a source."""
    return {match.group(0) for literal in STRING.findall(text) for match in IDENTITY.finditer(literal)}


def listed(text):
    """(identities, [(letters, first number, last number)]) that a document names; ranges have the severity open."""
    names, ranges = set(), []
    for first in FIRST.finditer(text):
        position, begun = first.end(), None
        while match := NEXT.match(text, position):
            number, severity, joint = match.groups()
            names.add(first.group(1) + number + severity)
            if begun:
                ranges.append((first.group(1), begun, number))
            begun = number if joint == "–" else None
            position = match.end()
            if not joint:
                break
    return names, ranges


def covered(identity, names, ranges):
    letters, number, _ = IDENTITY.match(identity).groups()
    return identity in names or any(letters == of and first <= number <= last for of, first, last in ranges)


def compare_messages(document, text, identities):
    names, ranges = listed(text)
    for identity in sorted(identities):
        if not covered(identity, names, ranges):
            yield f"{document}: message {identity} is not explained"
    for name in sorted(names):
        if name.startswith(tuple({letters(identity) for identity in identities})) and name not in identities:
            yield f"{document}: explains message {name}, which nothing says"


def letters(identity):
    return IDENTITY.match(identity).group(1)


def compare_words(document, what, written, existing):
    for word in sorted(existing - written):
        yield f"{document}: {what} '{word}' is not explained"
    for word in sorted(written - existing):
        yield f"{document}: explains {what} '{word}', which there is not"


def options_in(source):
    """The long options of the command line, without --help."""
    return {name.split(",")[0] for name in re.findall(r'\badd\("([^"]+)"', source)} - {"help"}


def keywords_in(source):
    """The keywords of the VNIC statement: {"USER", set_user},"""
    return {word.lower() for word in re.findall(r'\{"([A-Z]+)", set_', source)}


def tags_in(page, section):
    """What a section of a manual page explains: the first word of each tagged paragraph."""
    body = page.split(f"\n.SH {section}\n")[1].split("\n.SH ")[0].replace("\\-", "-").replace("\\ ", " ")
    return {re.sub(r"^\.[A-Z]+\s+", "", line).split()[0] for line in re.findall(r"^\.TP\n(.*)$", body, re.MULTILINE)}


def commands_in(table):
    """What a document's tables say to type: the commands of the second column and, behind it, of CP and CMS."""
    cells = [cell for row in re.findall(r"^\|[^|]*\|(.*)\|$", table, re.MULTILINE) for cell in row.split("|")]
    return {word for cell in cells for word in re.findall(r"`([A-Z][^`]*)`", cell)}


def typed_in(script):
    return {re.sub(r"^#?CP ", "", line) for line in re.findall(r"^[A-Z]+> (.*)$", script, re.MULTILINE)}


def violations(root):
    text = {name: (root / name).read_text() for name in
            ("docs/MANUAL.md", "docs/vmlan.1", "docs/vnic.5", "apps/system/messages.cpp", "hercules/statement.cpp")}
    module = set()
    for path in sorted((root / "hercules").glob("*.c*")):
        if not path.name.endswith("_test.cpp"):
            module |= {identity for identity in said(path.read_text()) if letters(identity) == MODULE}
    yield from compare_messages("docs/MANUAL.md", text["docs/MANUAL.md"], said(text["apps/system/messages.cpp"]) | module)
    yield from compare_messages("docs/vnic.5", text["docs/vnic.5"], module)
    options = set().union(*(options_in(path.read_text()) for path in sorted((root / "apps/cli").glob("*_forms.cpp"))))
    page = {word.removeprefix("--") for word in tags_in(text["docs/vmlan.1"], "OPTIONS")}
    yield from compare_words("docs/vmlan.1", "option", page, options)
    manual_text = text["docs/MANUAL.md"]
    tables = manual_text.split("\n## 4.")[0] + manual_text.split("\n## 6.")[1].split("\n## 7.")[0]
    rows = re.findall(r"^\|(.*?)\|", tables, re.MULTILINE)
    manual = set(re.findall(r"`--([a-z0-9-]+)", " ".join(rows)))
    yield from compare_words("docs/MANUAL.md", "option", manual, options)
    keywords = keywords_in(text["hercules/statement.cpp"])
    yield from compare_words("docs/vnic.5", "keyword", tags_in(text["docs/vnic.5"], "KEYWORDS"), keywords)
    section = text["docs/MANUAL.md"].split("**The statement**")[1].split("\n\n")[0]
    for word in sorted(keywords - {"user"}):
        if f"`{word}`" not in section:
            yield f"docs/MANUAL.md: keyword '{word}' is not named under \"The statement\""
    typed = typed_in((root / "tests/scripts/linux_words.vm").read_text())
    for command in sorted(commands_in((root / "docs/LINUX-WORDS.md").read_text()) - typed):
        yield f"docs/LINUX-WORDS.md: tests/scripts/linux_words.vm does not type '{command}'"


def self_test():
    names, ranges = listed("| HHC03812E–03817E, 03819I | VMLHRC701I, 705I; VMLOPT001E–006E |")
    assert names >= {"HHC03812E", "HHC03817E", "HHC03819I", "VMLHRC701I", "VMLHRC705I", "VMLOPT006E"}, names
    assert covered("HHC03815E", names, ranges) and covered("VMLOPT004E", names, ranges)
    assert not covered("HHC03818E", names, ranges) and not covered("VMLHRC703E", names, ranges)
    assert said('say("HHC03820I x"); // HHC03999I\n') == {"HHC03820I"}
    found = list(compare_messages("d", "HHC03821W and HHC03822I", {"HHC03820I", "HHC03821W"}))
    assert len(found) == 2 and "03820I" in found[0] and "03822I" in found[1], found
    assert len(list(compare_words("d", "option", {"a", "b"}, {"b", "c"}))) == 2
    assert options_in('add("seed", x); add("help,h", y)') == {"seed"}
    assert keywords_in('{"USER", set_user}, {"OTHER", 3}') == {"user"}
    page = ".TH X\n.SH OPTIONS\n.TP\n.BI \\-\\-seed\\  N\ntext\n.TP\n.B \\-\\-echo\n.SH END\n.TP\n.B no\n"
    table = "| in Linux | here | |\n| `ip X` | `QUERY A`, `vmlan b` | and `HELP` |\n"
    assert commands_in(table) == {"QUERY A", "HELP"}, commands_in(table)
    assert typed_in("A> #CP QUERY A\nA: HELP\nB> HELP\n") == {"QUERY A", "HELP"}
    assert tags_in(page, "OPTIONS") == {"--seed", "--echo"}, tags_in(page, "OPTIONS")
    print("check_manual self-test: the rules hold")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    found = list(violations(ROOT))
    for line in found:
        print(line)
    if not found:
        print("check_manual: messages, options and keywords stand where people look")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
