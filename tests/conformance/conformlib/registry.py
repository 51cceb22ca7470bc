"""The @case decorator and the loading of case files."""

from __future__ import annotations

import fnmatch
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

DEFAULT_TIMEOUT = 10.0


@dataclass(frozen=True)
class Case:
    area: str
    name: str
    doc: str
    function: Callable
    args: tuple = ()
    timeout: float = DEFAULT_TIMEOUT
    optional: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.area}/{self.name}"


class _CaseDecorator:
    """``@case``, ``@case(timeout=20, optional=True)`` and ``@case.params({...})``."""

    def __call__(self, function: Callable | None = None, **options: Any) -> Callable:
        if function is None:
            return lambda decorated: self(decorated, **options)
        _register(function, function.__name__, (), options)
        return function

    def params(self, table: dict[str, Any], **options: Any) -> Callable:
        """One case per entry: name[key], called with the value (a tuple is spread)."""

        def decorate(function: Callable) -> Callable:
            for key, value in table.items():
                args = value if isinstance(value, tuple) else (value,)
                _register(function, f"{function.__name__}[{key}]", args, options)
            return function

        return decorate


case = _CaseDecorator()


def _register(function: Callable, name: str, args: tuple, options: dict) -> None:
    doc = " ".join((function.__doc__ or "").split())
    if not doc:
        raise ValueError(f"case {name} lacks a docstring that says what it pins")
    area = function.__module__
    found = function.__globals__.setdefault("_cases", {})
    if name in found:
        raise ValueError(f"two cases named {area}/{name}")
    found[name] = Case(area, name, doc, function, args, **options)


def load_cases(directories: list[Path]) -> list[Case]:
    """All cases of all directories, in file and definition order."""
    cases: dict[str, Case] = {}
    for directory in directories:
        if not directory.is_dir():
            raise ValueError(f"no case directory {directory}")
        sys.path.insert(0, str(directory))
        for path in sorted(directory.glob("[a-z]*.py")):
            for found in _load_file(path).values():
                if found.full_name in cases:
                    raise ValueError(f"two cases named {found.full_name}")
                cases[found.full_name] = found
    return list(cases.values())


def _load_file(path: Path) -> dict[str, Case]:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, "_cases", {})


def _matches(one: Case, pattern: str) -> bool:
    return fnmatch.fnmatchcase(one.full_name, pattern) or fnmatch.fnmatchcase(one.name, pattern)


def select(cases: list[Case], areas: list[str], substring: str, pattern: str,
           without: list[str] = ()) -> list[Case]:
    """The cases in the areas (all when none is named) that match -k and --cases, but not --without."""
    unknown = set(areas) - {one.area for one in cases}
    if unknown:
        raise ValueError(f"no such area: {', '.join(sorted(unknown))}")
    return [
        one
        for one in cases
        if (not areas or one.area in areas)
        and substring in one.full_name
        and _matches(one, pattern)
        and not any(_matches(one, unwanted) for unwanted in without)
    ]
