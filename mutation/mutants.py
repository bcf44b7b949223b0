"""Every mutant of a module: the operators of mutmut, and a few that its own runner lacks.

mutmut's runner leaves out decorated functions, and every check is one; only its operators are
used here. Left out are argument removal and letter case, whose mutants fail at once or not at all,
and prose: what a message says is checked by taking the message away.
"""

import ast
import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import libcst as cst
from attrs import frozen
from mutmut.mutation import mutators

Operator = Callable[[Any], Iterable[cst.CSTNode]]


@frozen
class Mutant:
    """One change to one module.

    Parameters
    ----------
    module
        Path of the module from the repository's root.
    function
        Qualified name of the outermost function; empty outside of functions.
    before, after
        The lines that differ, without indentation.
    nth
        1, or more for a change that the function offers several times.
    source
        The whole module, changed.
    """

    module: str
    function: str
    before: str
    after: str
    nth: int
    source: str

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What it is known by; does not depend on line numbers."""
        return (self.module, self.function, self.before, self.after, self.nth)


def mutants_of(root: Path, module: str) -> list[Mutant]:
    """Return the mutants of a module, in the order of its lines."""
    source = (root / module).read_text()
    tree = cst.parse_module(source)
    original = ast.dump(ast.parse(source))
    seen: dict[tuple[str, str, str], int] = {}
    found = {}
    for function, path, other in _changes(tree):
        code = _replaced(path, other).code
        if ast.dump(ast.parse(code)) == original or code in found:
            continue
        before, after = _difference(source, code)
        nth = seen[function, before, after] = seen.get((function, before, after), 0) + 1
        found[code] = Mutant(module, function, before, after, nth, code)
    return list(found.values())


def _difference(old: str, new: str) -> tuple[str, str]:
    changed = list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm=""))[2:]
    gone = [line[1:].strip() for line in changed if line.startswith("-")]
    come = [line[1:].strip() for line in changed if line.startswith("+")]
    return "\n".join(gone), "\n".join(come)


def _changes(tree: cst.Module) -> Iterator[tuple[str, list[cst.CSTNode], cst.CSTNode]]:
    """Yield every function's name, the way down to a node in it, and what to put there."""
    pending: list[tuple[str, str, list[cst.CSTNode]]] = [("", "", [tree])]
    while pending:
        scope, function, path = pending.pop()
        node = path[-1]
        if _is_left_alone(node):
            continue
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            scope = f"{scope}.{node.name.value}" if scope else node.name.value
            if isinstance(node, cst.FunctionDef) and not function:
                function = scope
        for kind, operator in OPERATORS:
            if isinstance(node, kind):
                for other in operator(node):
                    yield function, path, other
        pending.extend((scope, function, [*path, child]) for child in reversed(node.children))


def _replaced(path: list[cst.CSTNode], other: Any) -> Any:
    """Return the module at the start of the path with its end replaced."""
    for parent, child in zip(path[-2::-1], path[:0:-1], strict=True):
        changes: dict[str, object] = {}
        for name in (one.name for one in fields(parent)):
            value = getattr(parent, name)
            if value is child:
                changes[name] = other
            elif isinstance(value, list | tuple) and any(one is child for one in value):
                changes[name] = [other if one is child else one for one in value]
        other = parent.with_changes(**changes)
    return other


def _is_left_alone(node: cst.CSTNode) -> bool:
    """Whether neither the node nor what is in it changes what the module does."""
    if isinstance(node, cst.Annotation | cst.Assert | cst.Import | cst.ImportFrom):
        return True
    if isinstance(node, cst.SimpleStatementLine):
        return _is_docstring(node.body[0]) or _assigns_to(node.body[0], "__all__")
    return isinstance(node, cst.Call) and _name(node.func) in ("TypeVar", "getLogger", "len")


def _is_docstring(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Expr) and isinstance(
        node.value, cst.SimpleString | cst.ConcatenatedString
    )


def _assigns_to(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.Assign) and _name(node.targets[0].target) == name


def _name(node: cst.CSTNode) -> str:
    return node.value if isinstance(node, cst.Name) else ""


# -- operators of our own -----------------------------------------------------------------------


def drop_statement(node: Any) -> Iterator[cst.CSTNode]:
    """Leave out a call, a raise, or the setting of an attribute or item."""
    removable = (
        (isinstance(node, cst.Expr) and isinstance(node.value, cst.Call))
        or isinstance(node, cst.Raise | cst.Del)
        or (
            isinstance(node, cst.Assign)
            and isinstance(node.targets[0].target, cst.Attribute | cst.Subscript)
        )
    )
    if removable:
        yield cst.Pass()


def drop_argument(node: Any) -> Iterator[cst.CSTNode]:
    """Pass None for a positional argument; leave out one with a keyword."""
    for index, one in enumerate(node.args):
        others = [*node.args[:index], *node.args[index + 1 :]]
        if one.keyword is not None:
            yield node.with_changes(args=others)
        elif not one.star and _name(one.value) != "None":
            replaced = one.with_changes(value=cst.Name("None"))
            yield node.with_changes(args=[*node.args[:index], replaced, *node.args[index + 1 :]])


def negate(node: Any) -> Iterator[cst.CSTNode]:
    """Turn a condition round."""
    test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    turned = cst.UnaryOperation(operator=cst.Not(), expression=test)
    space = "whitespace_after_while" if isinstance(node, cst.While) else "whitespace_before_test"
    yield node.with_changes(**{"test": turned, space: cst.SimpleWhitespace(" ")})


def return_none(node: Any) -> Iterator[cst.CSTNode]:
    """Return nothing."""
    if node.value is not None and _name(node.value) != "None":
        yield node.with_changes(
            value=cst.Name("None"), whitespace_after_return=cst.SimpleWhitespace(" ")
        )


def other_word(node: Any) -> Iterator[cst.CSTNode]:
    """Change a string that is a word: a name, not prose."""
    text = node.raw_value
    if not set(text) & set(" \n"):
        yield cst.SimpleString(f"{node.quote}XX{text}XX{node.quote}")


OPERATORS: list[tuple[type | tuple[type, ...], Operator]] = [
    (cst.BaseNumber, mutators.operator_number),
    (cst.Name, mutators.operator_name),
    ((cst.Assign, cst.AnnAssign), mutators.operator_assignment),
    (cst.AugAssign, mutators.operator_augmented_assignment),
    (cst.UnaryOperation, mutators.operator_remove_unary_ops),
    (cst.Lambda, mutators.operator_lambda),
    (cst.CSTNode, mutators.operator_keywords),
    (cst.CSTNode, mutators.operator_swap_op),
    (cst.IfExp, mutators.operator_if_exp),
    (cst.SimpleString, other_word),
    (cst.Call, drop_argument),
    (cst.BaseSmallStatement, drop_statement),
    ((cst.If, cst.While, cst.CompIf), negate),
    (cst.Return, return_none),
]
