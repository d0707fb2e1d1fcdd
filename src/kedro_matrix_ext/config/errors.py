"""Errors of configuration that also derive from what Kedro, OmegaConf or PyYAML raise in the same place.

So code that catches theirs, as ``except MissingConfigException``, catches ours. They are public as attributes
of ``kedro_matrix_ext.errors``.
"""

from __future__ import annotations

from dataclasses import dataclass

from kedro.config import MissingConfigException
from omegaconf.errors import (
    GrammarParseError,
    InterpolationKeyError,
    InterpolationResolutionError,
    InterpolationToMissingValueError,
    KeyValidationError,
    UnsupportedInterpolationType,
    UnsupportedValueType,
)
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError
from yaml.parser import ParserError
from yaml.reader import ReaderError

from kedro_matrix_ext.errors import ConfigurationError, ResolverError

__all__ = [
    "ContainerMismatchError",
    "DuplicateKeyError",
    "FileEncodingError",
    "FileSyntaxError",
    "InterpolationError",
    "InterpolationSyntaxError",
    "MissingKeyError",
    "MissingValueError",
    "MissingVariablesError",
    "NameNotGivenError",
    "NoFilesError",
    "ResolverNotOfferedError",
    "UncallableResolverError",
    "UnknownEnvironmentError",
    "UnknownResolverError",
    "UnusableKeyError",
    "file_error_like",
    "interpolation_error_like",
]


class FileSyntaxError(ConfigurationError, ParserError):
    """A file is not valid YAML or JSON; a ``yaml.YAMLError`` too.

    Examples:
        >>> issubclass(FileSyntaxError, ParserError)
        True
    """


class _UnknownAliasError(FileSyntaxError, ComposerError):
    """An alias leads nowhere, or a file has a second document."""


class _UnknownTagError(FileSyntaxError, ConstructorError, UnsupportedValueType):
    """A tag has no meaning, or not for its value; or ``<<`` merges what is not a mapping."""


class _ControlCharacterError(FileSyntaxError, ReaderError):
    """A file contains a character that YAML does not allow."""


class UnusableKeyError(FileSyntaxError, ConstructorError, KeyValidationError):
    """A key is null (OmegaConf's error) or a mapping or list (PyYAML's)."""


class FileEncodingError(ConfigurationError, UnicodeError):
    """A file is not UTF-8; a ``UnicodeError``, and with it a ``ValueError``, as ``UnicodeDecodeError`` is.

    Examples:
        >>> issubclass(FileEncodingError, ValueError)
        True
    """


class DuplicateKeyError(ConfigurationError, ConstructorError, KeyValidationError):
    """A key is given twice, in one file (PyYAML's error, or OmegaConf's) or in two (a ``ValueError``).

    Examples:
        >>> issubclass(DuplicateKeyError, ValueError)
        True
    """


@dataclass(eq=False, repr=False, kw_only=True)
class InterpolationError(ConfigurationError, InterpolationResolutionError):
    """A ``${...}`` refers to what does not exist or to itself, or its resolver is unknown or fails.

    Attributes:
        chain: The places that led here, each referring to the next, as in ``catalog: companies.filepath``.
        resolver: The resolver of the project that raised, if one did.

    Examples:
        >>> print(InterpolationError("'bucket' is not there", chain=("catalog: a.path", "catalog: _root")))
        'bucket' is not there
          reached by catalog: a.path -> catalog: _root
    """

    chain: tuple[str, ...] = ()
    resolver: str | None = None

    def __str__(self) -> str:
        text = super().__str__()
        if len(self.chain) < 2:  # noqa: PLR2004  one place is the place named already
            return text
        return f"{text}\n  reached by {' -> '.join(self.chain)}"


class MissingKeyError(InterpolationError, InterpolationKeyError):
    """A ``${...}`` refers to a key that does not exist.

    Examples:
        >>> issubclass(MissingKeyError, InterpolationKeyError)
        True
    """


class MissingValueError(InterpolationError, InterpolationToMissingValueError):
    """A ``${...}`` refers to a key whose value is ``???``.

    Examples:
        >>> issubclass(MissingValueError, InterpolationToMissingValueError)
        True
    """


class UnknownResolverError(InterpolationError, UnsupportedInterpolationType):
    """A ``${name:...}`` calls a resolver that does not exist, or that its file cannot use.

    Examples:
        >>> issubclass(UnknownResolverError, UnsupportedInterpolationType)
        True
    """


class InterpolationSyntaxError(InterpolationError, GrammarParseError):
    """A text with ``${`` is not well-formed.

    Examples:
        >>> issubclass(InterpolationSyntaxError, GrammarParseError)
        True
    """


@dataclass(eq=False, repr=False, kw_only=True)
class MissingVariablesError(ConfigurationError, InterpolationResolutionError):
    """Environment variables that the configuration needs are not set.

    Attributes:
        variables: Their names, in order.

    Examples:
        >>> MissingVariablesError("2 variables are not set", variables=("BUCKET", "TOKEN")).variables
        ('BUCKET', 'TOKEN')
    """

    variables: tuple[str, ...] = ()


@dataclass(eq=False, repr=False, kw_only=True)
class UnknownEnvironmentError(ConfigurationError, MissingConfigException):
    """There is no configuration environment of that name; a ``MissingConfigException`` too.

    Attributes:
        env: The name as given.
        known: The environments there are.

    Examples:
        >>> UnknownEnvironmentError("there is no environment 'prd'", env="prd", known=("base", "prod")).known
        ('base', 'prod')
    """

    env: str = ""
    known: tuple[str, ...] = ()


class NoFilesError(ConfigurationError, MissingConfigException):
    """A type of configuration has no files; a ``MissingConfigException``, as Kedro's is."""


class ContainerMismatchError(ConfigurationError, TypeError):
    """A parameter of the run is a mapping where the files have a list; a ``TypeError``, as OmegaConf's is."""


class UncallableResolverError(ResolverError, TypeError):
    """A custom resolver is not a function; a ``TypeError``, as OmegaConf's is."""


class NameNotGivenError(ResolverError):
    """A resolver of the loader looks up a global or a runtime parameter that does not exist."""


class ResolverNotOfferedError(ResolverError):
    """A file calls a resolver of the loader that only other files can use."""


def interpolation_error_like(origin: BaseException) -> type[InterpolationError]:
    """Return our class for an error that OmegaConf raised, or one that is caught like it."""
    pairs: tuple[tuple[type[BaseException], type[InterpolationError]], ...] = (
        (InterpolationKeyError, MissingKeyError),
        (InterpolationToMissingValueError, MissingValueError),
        (UnsupportedInterpolationType, UnknownResolverError),
        (ResolverNotOfferedError, UnknownResolverError),
        (GrammarParseError, InterpolationSyntaxError),
    )
    return next((ours for theirs, ours in pairs if isinstance(origin, theirs)), InterpolationError)


def file_error_like(origin: BaseException) -> type[FileSyntaxError]:
    """Return our class for an error that PyYAML raised, or one that is caught like it."""
    pairs: tuple[tuple[type[BaseException], type[FileSyntaxError]], ...] = (
        (ComposerError, _UnknownAliasError),
        (ConstructorError, _UnknownTagError),
        (ReaderError, _ControlCharacterError),
    )
    return next((ours for theirs, ours in pairs if isinstance(origin, theirs)), FileSyntaxError)
