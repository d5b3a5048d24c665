"""The facts of one module, as values that also travel in summaries.

Annotations are evaluated here: `NamedTuple` compiles postponed ones, a millisecond of every run.
"""

from typing import NamedTuple

from nequip_lint.values import Span


class Condition(NamedTuple):
    """A test in source, reduced to what can be judged without running it.

    kind: `true`, `false`, `typing` (TYPE_CHECKING), `gpu`, `python` (text `>=3.11`), `importable`
    (text: module names), `name` and `call` (text: the dotted name), `variable` (of the environment;
    text: `X` where it is set, `X=value` where it has the value), `loaded` (text: the expression for a name
    that is in `sys.modules`), `packaged` (whether the module is one of a package), `not`, `all`, `any`
    (parts), `unknown`.
    """

    kind: str
    text: str = ""
    parts: "tuple[Condition, ...]" = ()


TRUE = Condition("true")
UNKNOWN = Condition("unknown")
FALSE = Condition("false")
CUDA_BUILD = Condition("name", "torch.version.cuda")
PACKAGED = Condition("packaged")


def negated(condition: Condition) -> Condition:
    """The opposite test; a double negation falls away."""
    return condition.parts[0] if condition.kind == "not" else Condition("not", parts=(condition,))


_MOST_GUARDS = 100
"""Each statement keeps its tests, so that a long row of `elif` would take the square of its length."""


class Place(NamedTuple):
    """How a statement is reached: when (`at_import`), under which tests, and what catches its exceptions."""

    at_import: bool
    guards: tuple[Condition, ...] = ()
    caught: tuple[str, ...] = ()

    def under(self, test: Condition) -> "Place":
        """The place under one more test; past a hundred of them it is not known what they come to."""
        if len(self.guards) < _MOST_GUARDS:
            return Place(self.at_import, (*self.guards, test), self.caught)
        return self._replace(guards=(*self.guards[:_MOST_GUARDS], Condition("unknown")))

    @property
    def never_runs(self) -> bool:
        """Whether no load of a package reaches it: it is for scripts, or for type checkers."""
        return any(test.kind in ("false", "typing") for test in self.guards)


AT_IMPORT = Place(at_import=True)


class Import(NamedTuple):
    """One import statement, or one `__import__` call with literal arguments.

    `module` is absolute, `None` when a relative import leaves the top-level package. `names` are the
    (name, bound as) pairs of a `from` import and empty for `import module`; `bound` is what
    `import module` binds. `walked` is false for `__import__` calls that torch.package's visitor does
    not reach (`torch/package/find_file_dependencies.py`: `visit_Call` does not descend).
    `spelling` is the module as the source has it where that is not its absolute name.
    """

    span: Span
    module: str | None
    names: tuple[tuple[str, str], ...]
    bound: str
    place: Place = AT_IMPORT
    walked: bool = True
    spelling: str = ""

    @property
    def written(self) -> str:
        """The module as the source has it, dots included."""
        return self.spelling or self.module or ""

    @property
    def statement(self) -> str:
        """The import as one would write it, on one line."""
        if self.bound == "__import__":
            return f"__import__({self.written!r})"
        if not self.names:
            top = self.written.partition(".")[0]
            return f"import {self.written}" + ("" if self.bound == top else f" as {self.bound}")
        shown = (name if name == bound else f"{name} as {bound}" for name, bound in self.names)
        return f"from {self.written} import {', '.join(shown)}"


class Binding(NamedTuple):
    """One module-level binding of a name that is not an import; `value` is its truth where known."""

    name: str
    span: Span
    kind: str
    place: Place = AT_IMPORT
    value: Condition = UNKNOWN


class ClassFact(NamedTuple):
    """A module-level class, its bases as dotted names, and whether it decides itself what is pickled."""

    name: str
    span: Span
    bases: tuple[str, ...]
    decides: bool = False


class FunctionFact(NamedTuple):
    """A module-level function: its decorators, the test it returns and, where decorated, what it makes."""

    name: str
    span: Span
    decorators: tuple[str, ...] = ()
    constructs: tuple[str, ...] = ()
    returns: Condition | None = None


class Decoration(NamedTuple):
    """A decorator that is evaluated when the module is imported."""

    name: str
    span: Span
    keywords: tuple[str, ...]
    target: str
    place: Place


class Call(NamedTuple):
    """A module-level statement that only calls something; arguments by name, '' for positional ones."""

    name: str
    span: Span
    arguments: tuple[tuple[str, tuple[str, ...] | None], ...]
    place: Place


class Stop(NamedTuple):
    """A module-level `raise`, `assert` or exit, which ends the import where its guards hold.

    `text` is the statement as one would write it, `exception` what it raises, '' where that is computed.
    """

    span: Span
    text: str
    place: Place
    exception: str
    is_assert: bool = False


class Setting(NamedTuple):
    """An environment variable that a module reads at import and cannot do without (`demanded`), or changes.

    `name` is empty where it is computed.
    """

    name: str
    span: Span
    demanded: bool
    place: Place


class MadeModule(NamedTuple):
    """A new module, without a file, that a file puts into `sys.modules` when it is imported."""

    name: str
    span: Span
    place: Place


class GuardedRead(NamedTuple):
    """A read of a guarded module-level name; `place.guards` includes tests inside functions.

    `is_tested`: it is part of the test of an `if`.
    """

    name: str
    span: Span
    place: Place
    is_tested: bool = False


class GpuCall(NamedTuple):
    """A call that is evaluated at import and needs a GPU.

    `name` is the called name as written, `text` the call for people; `raises` are the exceptions on a
    machine without a GPU, with a CPU build of torch first, then with a CUDA build.
    """

    name: str
    text: str
    span: Span
    raises: tuple[str, ...]
    place: Place


class LibraryUse(NamedTuple):
    """What a statement does with a name that an import of a library binds.

    `name` is the chain of attributes as written, `how` what is done with it (`facts/roles.py` lists
    the words), `where` is `import`, `forward` or `init`.
    """

    name: str
    span: Span
    how: str
    where: str
    place: Place


class Modifier(NamedTuple):
    """A method with `@model_modifier` (`decorator` as written); `ordered`: `@classmethod` is right below."""

    owner: str
    name: str
    decorator: str
    span: Span
    ordered: bool


class Pragma(NamedTuple):
    """A suppression comment: `codes` is empty where the comment names none.

    `first` is the first line that it covers: the comment stands behind what a backslash or a text of several
    lines joins to its own line, where no comment has room.
    """

    span: Span
    codes: tuple[str, ...]
    first: int


class Facts(NamedTuple):
    """All that the linter knows of one module.

    `literals` are module-level names that hold strings, `folders` what a package adds to its `__path__`.
    """

    module: str
    path: str
    is_package: bool
    imports: tuple[Import, ...] = ()
    bindings: tuple[Binding, ...] = ()
    classes: tuple[ClassFact, ...] = ()
    functions: tuple[FunctionFact, ...] = ()
    decorations: tuple[Decoration, ...] = ()
    calls: tuple[Call, ...] = ()
    stops: tuple[Stop, ...] = ()
    guarded_reads: tuple[GuardedRead, ...] = ()
    pragmas: tuple[Pragma, ...] = ()
    literals: tuple[tuple[str, tuple[str, ...]], ...] = ()
    problem: str = ""
    problem_span: Span = Span(1, 1, 1, 1)
    gpu_calls: tuple[GpuCall, ...] = ()
    library_uses: tuple[LibraryUse, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    deferred: tuple[tuple[str, Call], ...] = ()
    settings: tuple[Setting, ...] = ()
    made_modules: tuple[MadeModule, ...] = ()
    folders: tuple[str, ...] = ()
