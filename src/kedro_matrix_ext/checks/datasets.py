"""The catalog of an environment: its entries, their types and credentials, and datasets without an entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._secrets import describe_value
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.catalog.checks import check_transcoding
from kedro_matrix_ext.catalog.dataset_types import (
    find_dataset_class,
    find_unfit_arguments,
    find_wrapped,
    suggest_arguments,
)
from kedro_matrix_ext.catalog.engine_names import ENGINE_SEPARATOR, strip_engine
from kedro_matrix_ext.catalog.errors import CatalogError
from kedro_matrix_ext.catalog.lookup.catalog_view import list_classes
from kedro_matrix_ext.catalog.lookup.entries import EntryLookup
from kedro_matrix_ext.catalog.lookup.explained_match import is_catch_all, named_credentials
from kedro_matrix_ext.catalog.lookup.storage_libraries import is_installed, list_storage_needs
from kedro_matrix_ext.catalog.missing_libraries import (
    find_library_of_type,
    report_missing_package,
    report_unlisted_package,
)
from kedro_matrix_ext.catalog.transcoding import TRANSCODE
from kedro_matrix_ext.config.inspection.run_id_entries import find_run_id_entries
from kedro_matrix_ext.config.interpolation.missing_variables import holds_unresolved
from kedro_matrix_ext.findings import Finding, finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.checks.loading import LoadedEnvironment

__all__ = ["CatalogChecks"]

_PLACEHOLDER = "{"
_GIVES_NOTHING = "CachedDataset"  # to the dataset inside it
_USE_MIXIN = "Use LayeredConfigLoader, or give Kedro's loader TranscodingMixin."


@dataclass(frozen=True)
class CatalogChecks:
    """Checks of one environment's catalog.

    Attributes:
        loaded: The environment.
        entries: Its catalog.
    """

    loaded: LoadedEnvironment
    entries: Mapping[str, Any]

    def run(self) -> Iterator[Finding]:
        """Go through all rules."""
        yield from self._faults
        yield from self._find_unknown_types()
        yield from self._find_unfit_arguments()
        yield from self._find_missing_credentials()
        yield from self._find_missing_storage_packages()
        yield from self._find_undeclared()
        yield from self._find_inputs_under_run_id()
        yield from self._find_transcoding_faults()

    @cached_property
    def entries_used(self) -> frozenset[str]:
        """The entries and patterns that datasets of pipelines get, and those that are at fault."""
        found = map(self._lookup.find, self.loaded.project.uses.datasets)
        faulty = self.entries.keys() - self._sound.keys()
        return frozenset(name for name in found if name is not None) | faulty

    def find_entry(self, dataset: str) -> str | None:
        """Name the entry or pattern of a dataset, of those that Kedro takes."""
        return self._lookup.find(dataset)

    @cached_property
    def _sound(self) -> dict[str, dict[str, Any]]:
        """The entries that Kedro takes."""
        faulty = {found.dataset for found in self._faults}
        return {name: entry for name, entry in self.entries.items() if name not in faulty}

    @cached_property
    def _lookup(self) -> EntryLookup:
        return EntryLookup(self._sound)

    @cached_property
    def _faults(self) -> list[Finding]:
        return [*self._find_invalid_entries(), *self._find_second_catch_alls()]

    def _find_invalid_entries(self) -> Iterator[Finding]:
        """Report entries that are not a mapping, or use placeholders that their pattern does not have."""
        from kedro.io import DatasetError

        for name, entry in self.entries.items():
            if not isinstance(entry, dict):
                yield self._invalid(name, f"the entry {name!r} is {entry!r}, not a mapping")
                continue
            if not isinstance(entry.get("credentials"), (str, Mapping, type(None))):
                yield self._invalid(
                    name,
                    f"'credentials' of {name!r} is {describe_value(entry['credentials'])}",
                    "Write the name of an entry of credentials.yml.",
                )
                continue
            if TRANSCODE in entry:
                yield self._invalid(name, f"the loader leaves {TRANSCODE!r} in {name!r} as it is", _USE_MIXIN)
                continue
            try:
                EntryLookup({name: entry})
            except DatasetError as error:
                yield self._invalid(name, str(error).splitlines()[0])

    def _find_second_catch_alls(self) -> Iterator[Finding]:
        catch_alls = [name for name in self.entries if is_catch_all(name)]
        for name in catch_alls[1:]:
            yield self._invalid(name, f"{name!r} is a catch-all pattern, and so is {catch_alls[0]!r}")

    def _invalid(self, name: str, message: str, fix: str | None = None) -> Finding:
        place = self.loaded.locate("catalog", [name])
        return finding("invalid-catalog-entry", message, fix=fix, location=place, dataset=name)

    def _find_unknown_types(self) -> Iterator[Finding]:
        """Report types that cannot be imported, each at the first entry that has it, and count the others."""
        entries = [entry for _, entry, _ in self._typed_entries() if "type" in entry]
        counts = Counter(str(entry["type"]) for entry in entries)
        seen: set[str] = set()
        for name, entry, keys in self._typed_entries():
            kind = str(entry.get("type"))
            if kind in seen or holds_unresolved(entry.get("type")):
                continue
            seen.update([kind] if "type" in entry else [])
            try:
                find_dataset_class(name, entry)
            except CatalogError as error:
                location = self.loaded.locate("catalog", keys)
                fix = error.hint if "type" in entry else self._suggest_soft_merge(name) or error.hint
                others = counts[kind] - 1 if "type" in entry else 0
                said = f"; {others} other place{'s have' if others > 1 else ' has'} it" if others else ""
                yield finding(
                    "unknown-dataset-type",
                    f"{error.message}{said}",
                    fix=fix,
                    location=location,
                    dataset=name,
                    library=find_library_of_type(kind, error),
                )

    def _find_unfit_arguments(self) -> Iterator[Finding]:
        """Report arguments that the class of an entry does not take, and those that it needs and lacks."""
        for name, entry, keys in self._typed_entries():
            if holds_unresolved(entry.get("type")):
                continue
            try:
                found = find_dataset_class(name, entry)
            except CatalogError:
                continue
            unknown, missing = find_unfit_arguments(found, entry)
            for key in unknown:
                yield replace(
                    self._invalid(name, f"{found.__name__!r} does not take the argument {key!r}"),
                    fix=suggest_arguments(found, key),
                    location=self.loaded.locate("catalog", [*keys[:-1], key]),
                )
            if missing and not unknown and not self._may_be_given(keys):
                lacks = ", ".join(map(repr, missing))
                yield self._invalid(name, f"{name!r} lacks {lacks}, which {found.__name__!r} needs")

    def _may_be_given(self, keys: list[str]) -> bool:
        """Return whether an entry is inside another one that may give what it lacks, as partitions do."""
        if keys[1:] == ["type"]:
            return False
        outer = str(_mapping(self.entries.get(keys[0])).get("type"))
        return keys.count("dataset") > 1 or not outer.endswith(_GIVES_NOTHING)

    def _suggest_soft_merge(self, name: str) -> str | None:
        """Return what to do where an environment's entry replaced one that has a type or engines."""
        layers = [layer.data.get(name) for layer in self.loaded.provenance.raw("catalog").layers[:-1]]
        replaced = [entry for entry in layers if isinstance(entry, dict)]
        lost = next((key for key in ("type", "transcode") if any(key in entry for entry in replaced)), None)
        if lost is None:
            return None
        return (
            f"The environment replaces the whole entry: repeat its {lost!r}, or let entries merge with "
            "config_loader_args(merge_strategy={'catalog': 'soft'})."
        )

    def _typed_entries(self) -> Iterator[tuple[str, Mapping[str, Any], list[str]]]:
        """Give entries, and those inside others, with their name and the key path of their type."""
        by_pattern: set[str] = set()
        for name, entry in self._sound.items():
            if _PLACEHOLDER in str(entry.get("type")):
                by_pattern.add(name)
            else:
                yield from _layers(name, entry, [name])
        for dataset in self.loaded.uses.datasets if by_pattern else ():
            pattern = self._lookup.find(dataset)
            if pattern in by_pattern:
                yield from _layers(dataset, self._lookup.resolve(dataset) or {}, [str(pattern)])

    def _find_missing_credentials(self) -> Iterator[Finding]:
        known = self.loaded.values.get("credentials", {})
        if known is None:
            return
        known = {**known, **_mapping((self.loaded.values.get("argo") or {}).get("credentials"))}
        for name, entry in self._sound.items():
            for keys, credentials in named_credentials(entry, (name,)):
                if credentials not in known and not holds_unresolved(credentials):
                    hint = did_you_mean(credentials, known)
                    yield finding(
                        "missing-credentials",
                        f"{name!r} names the credentials {credentials!r}, which this environment has not",
                        fix=f"Add them to credentials.yml, or correct the name. {hint}".rstrip(),
                        location=self.loaded.locate("catalog", keys),
                        dataset=name,
                    )

    def _find_missing_storage_packages(self) -> Iterator[Finding]:
        """Report what opens paths and databases and is not installed, or not among the dependencies."""
        project, seen = self.loaded.project.path, set[str]()
        for name, entry in self._sound.items():
            given = self._with_credentials(entry)
            for library, scheme in list_storage_needs(given, list_classes(name, given)):
                if library in seen:
                    continue
                seen.add(library)
                found: Finding | None = None
                if not is_installed(library):
                    found = report_missing_package(name, library, scheme, project)
                elif project is not None:
                    found = report_unlisted_package(name, library, scheme, project)
                if found is not None:
                    yield replace(found, location=self.loaded.locate("catalog", [name]))

    def _with_credentials(self, entry: Any) -> Any:
        """Put the credentials into an entry that it names: a database's address may be there."""
        known = self.loaded.values.get("credentials") or {}
        if not isinstance(entry, dict):
            return entry
        given = known.get(entry["credentials"]) if isinstance(entry.get("credentials"), str) else None
        inside = {"dataset": self._with_credentials(entry["dataset"])} if "dataset" in entry else {}
        values = {**entry, **inside, **({"credentials": given} if given else {})}
        return {
            key: value for key, value in values.items() if key == "dataset" or not holds_unresolved(value)
        }

    def _find_undeclared(self) -> Iterator[Finding]:
        """Report what pipelines read that no node makes and no entry matches."""
        uses = self.loaded.uses
        made = {strip_engine(name) for name in uses.datasets_made}
        for dataset, node in uses.datasets.items():
            if ENGINE_SEPARATOR in dataset or dataset in made or self._is_at_fault(dataset):
                continue
            if self._lookup.find(dataset) is None:
                hint = did_you_mean(dataset, [*self._sound, *made])
                yield finding(
                    "undeclared-dataset",
                    f"node {node!r} reads {dataset!r}, which no node makes and no catalog entry declares",
                    fix=f"Give {dataset!r} a catalog entry, or correct the name. {hint}".rstrip(),
                    location=self.loaded.locate("catalog", [dataset]),
                    node=node,
                    dataset=dataset,
                )

    def _find_inputs_under_run_id(self) -> Iterator[Finding]:
        """Report inputs that no pipeline makes and whose path contains the run's id."""
        project, uses = self.loaded.project, self.loaded.uses
        entries = find_run_id_entries(
            lambda: project.loader_class(
                project.conf_source,
                self.loaded.env,
                dict(project.runtime_params),
                **project.loader_arguments,
            )
        )
        made = {strip_engine(name) for name in project.uses.datasets_made} if entries else set()
        for dataset, node in uses.datasets.items() if entries else ():
            name = self._lookup.find(dataset)
            if strip_engine(dataset) not in made and name in entries:
                yield finding(
                    "input-under-run-id",
                    f"node {node!r} reads {dataset!r}, which no node makes, but its path contains the run's "
                    "id, which is new in each run",
                    location=self.loaded.locate("catalog", [name]),
                    node=node,
                    dataset=dataset,
                )

    @cached_property
    def _unsound(self) -> EntryLookup:
        """Declared entries that cannot be used, which is reported already."""
        raw = map(str, self.loaded.provenance.raw("catalog").data)
        return EntryLookup({name: {} for name in raw if name not in self._sound and not is_catch_all(name)})

    def _is_at_fault(self, dataset: str) -> bool:
        return any(self._unsound.find(name) for name in (dataset, strip_engine(dataset)))

    def _find_transcoding_faults(self) -> Iterator[Finding]:
        used = [name for name in self.loaded.uses.datasets if not self._is_broken_flavour(name)]
        layers = self.loaded.provenance.raw("catalog").layers[1:]
        yield from check_transcoding(
            {name: entry for name, entry in self._sound.items() if not holds_unresolved(entry)},
            used=used,
            declared_in={layer.env: set(map(str, layer.data)) for layer in layers},
            locate=lambda name: self.loaded.locate("catalog", [name]),
        )

    def _is_broken_flavour(self, name: str) -> bool:
        """Whether an engine's entry is not resolved, or its 'transcode:' entry could not be expanded."""
        if ENGINE_SEPARATOR not in name:
            return True
        entry = self._lookup.find(name)
        return self._is_at_fault(name) if entry is None else holds_unresolved(self._sound[entry])


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _layers(
    name: str, entry: Mapping[str, Any], keys: list[str]
) -> Iterator[tuple[str, Mapping[str, Any], list[str]]]:
    """Give an entry and those of the datasets it wraps."""
    yield name, entry, [*keys, "type"]
    inner = find_wrapped(entry)
    if isinstance(entry.get("dataset"), str) and inner is not None:
        yield name, inner, [*keys, "dataset"]
    elif isinstance(inner, Mapping):
        yield from _layers(name, inner, [*keys, "dataset"])
