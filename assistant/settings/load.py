"""Settings in layers: defaults, the user's file, ``assistant.toml``, the environment, flags."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from assistant.embedding import DEFAULT_MODEL
from assistant.engine_address import IndexPlace, is_address, parse
from assistant.errors import ConfigError
from assistant.records import Source
from assistant.settings import confirmation, index_place
from assistant.settings.options import OPTIONS, Problem, dangers, folders_of, problems, shortened
from assistant.settings.toml_lines import key_lines
from assistant.user_folders import data_folder, settings_folder

FILE_NAME = "assistant.toml"

_OF_NOTES = (
    *("index", "include", "exclude", "left_out", "endings", "date_order"),
    *("model", "late_interaction", "multilingual", "background", "device"),
)
"""Settings that decide how notes are indexed."""

MAX_BYTES = 1024 * 1024
"""Largest settings file that is read."""

Color = Literal["auto", "always", "never"]

Kind = Literal["default", "user file", "file", "environment", "flag"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from."""

    kind: Kind = "default"
    where: str = ""
    """The settings file, the variable or the flag; empty for a default."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user may choose; ``options.OPTIONS`` says what each is for."""

    notes: tuple[Source, ...] = ()
    """Folders and files of notes, absolute, each with the patterns that hold for it."""
    index: IndexPlace = Path("index")
    """The index folder, absolute; or a server's address."""
    model: str = DEFAULT_MODEL
    late_interaction: bool = True
    multilingual: bool | Literal["auto"] = "auto"
    """Whether a second encoder reads other languages: all notes, those in such languages, none."""
    background: bool = True
    """Whether a process may be left behind that reads on."""
    device: str = "auto"
    """The processor that embeds many texts, one of ``embedding.DEVICES``."""
    results: int = 3
    include: tuple[str, ...] = ()
    """For the notes folders that have none of their own; ``exclude`` likewise."""
    exclude: tuple[str, ...] = ()
    left_out: tuple[str, ...] | None = None
    """For all notes folders, as of ``Source``; ``endings`` and ``date_order`` likewise."""
    endings: tuple[str, ...] = ()
    date_order: str = ""
    color: Color = "auto"
    editor: str = ""
    editor_link: str = OPTIONS["editor_link"].default
    index_named: bool = False
    """Whether the index was named by flag or environment, so that it may be of other notes."""
    index_met: bool = False
    """Whether the index lies where one happens to stand, and the notes are the user's own."""
    index_free: bool = False
    """Whether nobody said where the index lies, so that it goes by the notes that it is of."""
    fetches: bool = field(default=True, compare=False)
    """Whether the model may be fetched: not on the word of a file that was merely found."""
    file_is_found: bool = field(default=False, compare=False)
    """Whether ``file`` is one that nobody chose."""
    file: Path | None = None
    """The settings file found from the working folder upward, or named."""
    origins: Mapping[str, Origin] = field(default_factory=dict, compare=False)
    """Where each setting comes from that is not a default, by name."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Settings from one place."""

    kind: Kind
    folder: Path
    """What paths in it are relative to."""
    values: Mapping[str, Any]
    where: Mapping[str, str]
    """The file, variable or flag, for each of the values."""
    is_found: bool = False
    """Whether it is a file that nobody chose, wrote by `assistant init`, or confirmed."""


def user_file() -> Path:
    """Return where the user's own settings file lies, or would."""
    return settings_folder() / FILE_NAME


def find_file(start: Path) -> Path | None:
    """Return the nearest ``assistant.toml`` in a folder or above it."""
    folders = (start, *start.parents)
    return next((f / FILE_NAME for f in folders if (f / FILE_NAME).is_file()), None)


def stamps(settings: Settings) -> list[int]:
    """Return the times of the last change of the settings files, 0 for one that is not there."""
    record = settings.file and confirmation.record_of(settings.file)
    files = filter(None, (user_file(), settings.file, record))
    return [file.stat().st_mtime_ns if file.is_file() else 0 for file in files]


def load(
    file: Path | None = None,
    index: str | Path | None = None,
    color: str | None = None,
    *,
    environment: Mapping[str, str] = os.environ,
    here: Path | None = None,
) -> Settings:
    """Return the settings in force.

    Args:
        file: The ``--config`` flag; None looks at ``ASSISTANT_CONFIG``, then up from ``here``.
        index: The ``--index`` flag.
        color: The ``--color`` flag.
        environment: The environment variables; an empty one is as good as none.
        here: The working folder.

    Raises:
        ConfigError: A file named by flag or environment is missing, a file cannot be read, or a
            setting is unknown or of the wrong kind.
    """
    here = here or working_folder()
    given = file or environment.get("ASSISTANT_CONFIG")
    named = full_path(given, here) if given else None
    if named and not named.is_file():
        raise ConfigError(
            f"there is no settings file {named}", "name another with --config, or leave it out"
        )
    found, own = named or find_file(here), user_file()
    layers = [_file_layer("user file", own)] if own.is_file() and own != found else []
    if found:
        layers.append(_file_layer("file", found, is_found=found not in (named, own)))
    layers.append(_environment_layer(environment, here))
    flags = {"index": str(index) if index else None, "color": color}
    values = {name: value for name, value in flags.items() if value}
    layers.append(Layer("flag", here, values, {name: f"--{name}" for name in values}))
    _check(layers[-1])
    return _settings(layers, here, found)


def working_folder() -> Path:
    """Return the working folder.

    Raises:
        ConfigError: It is not there any more, or cannot be entered.
    """
    try:
        return Path.cwd()
    except OSError as error:
        raise ConfigError(
            "the working folder no longer exists, or you may not enter it",
            "go to another one: cd ~",
        ) from error


def trust(file: Path | None = None) -> Path:
    """Take what a settings file decides as the user's own word, see ``confirmation``; return it.

    Args:
        file: The ``--config`` flag; None looks up from the working folder.

    Raises:
        ConfigError: There is none, it is wrong, or it cannot be written down.
    """
    here = working_folder()
    chosen = full_path(file, here) if file else find_file(here)
    if chosen is None or not chosen.is_file():
        raise ConfigError(
            f"there is no {chosen or f'{FILE_NAME} here or above'}", "write one: assistant init"
        )
    layer = _file_layer("file", chosen)
    try:
        confirmation.confirm(chosen, layer.values)
    except OSError as error:
        raise ConfigError(
            f"{data_folder()} cannot be written: {error.strerror}", "give yourself access to it"
        ) from error
    return chosen


def _file_layer(kind: Kind, file: Path, *, is_found: bool = False) -> Layer:
    """Return the settings of a file, which the user chose or which was found."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ConfigError(f"{file} is too large for settings", "name another with --config")
        text = raw.decode("utf-8-sig")
        values = tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:  # a number may be too long
        raise ConfigError(f"{file} cannot be read: {error}", "fix the file") from error
    wrong = list(problems(values))
    is_found = is_found and not wrong and not confirmation.is_confirmed(file, values)
    if is_found:
        wrong = [*dangers(values), *_outside(values, file.parent)]
    for problem in wrong:
        line = key_lines(text).get(problem.path)
        place = f"{file}:{line}" if line else f"{file}"
        raise ConfigError(f"{place}: {problem.words}", problem.remedy)
    return Layer(kind, file.parent, values, dict.fromkeys(values, str(file)), is_found)


def _outside(values: Mapping[str, Any], folder: Path) -> Iterator[Problem]:
    """Yield the folders of a settings file that do not lie below its own, links followed."""
    for path, given in folders_of(values):
        place = full_path(given, folder)
        if not _is_below(place, folder):
            yield Problem(
                path,
                f"{'.'.join(path)} leads to {os.path.realpath(place)}, outside the folder of this"
                " file, and nobody has confirmed the file",
                "if it is yours, run `assistant config --trust`, or name it with --config",
            )


def _is_below(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _environment_layer(environment: Mapping[str, str], here: Path) -> Layer:
    """Return the settings of the environment."""
    given = [option for option in OPTIONS.values() if environment.get(option.variable)]
    values = {option.name: option.parse(environment[option.variable]) for option in given}
    layer = Layer("environment", here, values, {option.name: option.variable for option in given})
    _check(layer)
    return layer


def _check(layer: Layer) -> None:
    """Raise ConfigError for a variable or flag of the wrong kind."""
    for name, value in layer.values.items():
        option = OPTIONS[name]
        if not option.holds(value):
            shown = f"{layer.where[name]} = {shortened(value)}"
            raise ConfigError(f"{shown} is not {option.takes}", f"give {option.takes}")


def full_path(path: str | Path, folder: Path) -> Path:
    """Return a path that may begin with ``~`` or be relative to a folder.

    Raises:
        ConfigError: It begins with the home of a user who is not known.
    """
    try:
        return folder / Path(path).expanduser()
    except RuntimeError as error:
        raise ConfigError(f"the home folder in {path} is not known", "write it in full") from error


def _settings(layers: Sequence[Layer], here: Path, found: Path | None) -> Settings:
    """Return what the layers, the weakest first, come to."""
    chosen = _chosen(layers)
    if _is_foreign(chosen):
        del chosen["index"]
    values = {name: option.default for name, option in OPTIONS.items()}
    values |= {name: layer.values[name] for name, layer in chosen.items()}
    origins = {name: Origin(layer.kind, layer.where[name]) for name, layer in chosen.items()}
    left_out = values["left_out"]
    for_all = Source(
        Path(),
        include=tuple(values["include"]),
        exclude=tuple(values["exclude"]),
        left_out=None if left_out == OPTIONS["left_out"].default else tuple(left_out),
        endings=tuple(sorted({*map(str.lower, values["endings"])})),
        date_order=values["date_order"],
    )
    model = values["model"]
    if "model" in chosen and (at := full_path(model, chosen["model"].folder)).is_dir():
        model = str(at)
    return Settings(
        notes=_sources(values["notes"], chosen["notes"].folder, for_all)
        if "notes" in chosen
        else (),
        include=for_all.include,
        exclude=for_all.exclude,
        left_out=for_all.left_out,
        endings=for_all.endings,
        date_order=for_all.date_order,
        index=_index(chosen, here, found),
        index_met=_is_met(chosen),
        index_free=_is_free(chosen, here, found),
        fetches="model" not in chosen or not chosen["model"].is_found,
        file_is_found=any(layer.is_found for layer in layers),
        index_named=origins.get("index", Origin()).kind in ("environment", "flag"),
        model=model,
        file=found,
        origins=origins,
        **{n: values[n] for n in ("late_interaction", "multilingual", "background", "device")},
        **{n: values[n] for n in ("results", "color")},
        **{n: values[n] for n in ("editor", "editor_link")},
    )


def _chosen(layers: Sequence[Layer]) -> dict[str, Layer]:
    """Return the layer that decides each setting.

    A file that was found has no say in how notes are indexed that it does not name itself, nor in
    an index that the user named: it would have the user's own written into its folder, left out, or
    embedded anew.
    """
    chosen = {name: layer for layer in layers for name in layer.values}
    decisive = chosen.get("notes") or chosen.get("index")
    if decisive is None or decisive.is_found:
        return chosen
    return {
        name: layer
        for layer in layers
        for name in layer.values
        if not (layer.is_found and name in _OF_NOTES)
    }


def _sources(
    given: list[str] | dict[str, str | dict[str, Any]], folder: Path, for_all: Source
) -> tuple[Source, ...]:
    """Return the notes folders of a setting that was found to be sound.

    Args:
        given: The setting.
        folder: What its paths are relative to.
        for_all: What holds for each folder that does not say otherwise.
    """
    if isinstance(given, list):
        return tuple(replace(for_all, path=full_path(item, folder)) for item in given)
    sources = []
    for name, value in given.items():
        own = value if isinstance(value, dict) else {"path": value}
        source = replace(
            for_all,
            path=full_path(own["path"], folder),
            name=name,
            include=tuple(own.get("include", for_all.include)),
            exclude=tuple(own.get("exclude", for_all.exclude)),
        )
        sources.append(source)
    return tuple(sources)


def _is_foreign(chosen: Mapping[str, Layer]) -> bool:
    """Return whether the index is the user's, while a file here names the notes."""
    kinds = [chosen[name].kind for name in ("index", "notes") if name in chosen]
    return kinds == ["user file", "file"]


def _index(chosen: Mapping[str, Layer], here: Path, found: Path | None) -> IndexPlace:
    """Return where the index lies, which goes with the notes that it is of.

    A settings file without ``index`` has it beside itself, and the user's own notes have theirs in
    the user's data folder, so that they can be asked from everywhere.
    """
    layer, notes = chosen.get("index"), chosen.get("notes")
    if layer:
        given = layer.values["index"]
        return parse(given) if is_address(given) else full_path(given, layer.folder)
    if notes and notes.kind == "user file":
        return data_folder() / "index"
    if _is_free(chosen, here, found):
        return index_place.found_from(here)
    is_named = notes is not None and notes.kind == "file" and not notes.is_found
    return index_place.beside(found.parent if found else here, is_named=is_named)


def _is_free(chosen: Mapping[str, Layer], here: Path, found: Path | None) -> bool:
    """Return whether nobody said where the notes or the index lie, and none lies here."""
    return not (found or chosen.keys() & {"index", "notes"} or index_place.lies_in(here))


def _is_met(chosen: Mapping[str, Layer]) -> bool:
    """Return whether the index lies where one stands, while the notes are named elsewhere."""
    return "index" not in chosen and "notes" in chosen and chosen["notes"].kind == "environment"
