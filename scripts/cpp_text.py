"""C++ text as scripts/tidy.py looks at it: code without comments, comments without code, function lengths.

Not a parser: it knows comments, literals, preprocessor lines and braces, which is enough for clang-formatted
code. Line numbers are kept throughout.
"""
import re

TOKEN = re.compile(
    r'''(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<literal>(?:u8|[uUL])?R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)"
          | (?:u8|[uUL])?"(?:\\.|[^"\\\n])*"
          | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+')''',
    re.VERBOSE | re.DOTALL)
PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
TEMPLATE = re.compile(r"\btemplate\s*<[^{}]*?>\s*(?=\w|\[\[)")
SCOPE = re.compile(r'^\s*(?:inline\s+)?(?:namespace\b|extern\s+""\s*$)')
TYPE = re.compile(r"^\s*(?:\[\[.*?\]\]\s*)?(?:typedef\s+)?(?:class|struct|union|enum)\b")
CONSTRUCTOR_INITIALIZER = re.compile(r"\)[^:?]*(?<!:):(?!:)")
BODY_WORDS = {"const", "noexcept", "override", "final", "try", "mutable"}


def blank(text):
    """The same number of lines with nothing on them."""
    return "\n" * text.count("\n")


def code_only(text):
    """Comments become blanks, literals become ""."""
    def replace(match):
        empty = '""' if match.group("literal") else " "
        return empty + blank(match.group(0))
    return TOKEN.sub(replace, text)


def comments_only(text):
    """Everything but comments becomes blanks."""
    out, position = [], 0
    for match in TOKEN.finditer(text):
        out.append(blank(text[position:match.start()]))
        out.append(match.group(0) if match.group("comment") else blank(match.group(0)))
        position = match.end()
    return "".join(out)


def opens(head, inside):
    """What a brace after `head` opens: scope, type, function, initializer or block."""
    if inside in ("function", "block", "initializer"):
        return "block"
    head = TEMPLATE.sub("", head).strip()
    if SCOPE.match(head):
        return "scope"
    if TYPE.match(head) and "(" not in re.sub(r"alignas\s*\([^)]*\)", "", head):
        return "type"
    last_word = re.search(r"(\w+|[^\w\s])\s*$", head)
    last = last_word.group(1) if last_word else ""
    if CONSTRUCTOR_INITIALIZER.search(head) and (last.isidentifier() or last == ">") and last not in BODY_WORDS:
        return "initializer"
    if "(" in head and not re.search(r"=\s*$", head):
        return "function"
    return "block"


def functions(text):
    """Yields (first line, number of lines, head) of every function with a body, lambdas inside included."""
    code = PREPROCESSOR.sub(lambda match: blank(match.group(0)), code_only(text))
    stack = []  # (kind, line of the head's start, head)
    head, head_line, line = "", 1, 1
    for character in code:
        if character == "\n":
            line += 1
        if character == "{":
            inside = stack[-1][0] if stack else "scope"
            stack.append((opens(head, inside), head_line, head))
            head = ""
        elif character == "}":
            kind, first, opened_by = stack.pop() if stack else ("block", line, "")
            if kind == "function":
                yield first, line - first + 1, " ".join(opened_by.split())
            head = opened_by + "{}" if kind == "initializer" else ""
            head_line = first
        elif character == ";":
            head = ""
        else:
            if not head.strip():
                if character.isspace():
                    continue
                head, head_line = "", line
            head += character
