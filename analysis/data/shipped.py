"""The agreements shipped: which there are, and where their files lie."""

from pathlib import Path

from analysis.data.texts import DATA, ContractError, near, shown


def contracts() -> list[str]:
    """The ids of the agreements at the centre, which have every page, in alphabetical order."""
    return sorted(path.stem for path in (DATA / "contracts").glob("*.toml"))


def shelved() -> dict[str, Path]:
    """The files of all other agreements shipped, by id: a folder for each family."""
    return {path.stem: path for path in sorted((DATA / "contracts").glob("*/*.toml"))}


def names() -> list[str]:
    """The ids of all agreements shipped: those at the centre, then the library."""
    return [*contracts(), *shelved()]


def located(name_or_path: str | Path) -> Path:
    """The file of a shipped agreement, or the one at that path."""
    own = {name: DATA / "contracts" / f"{name}.toml" for name in contracts()}
    shipped = own | shelved()
    path = shipped.get(str(name_or_path), Path(name_or_path))
    try:
        found = path.exists()
    except (OSError, ValueError):  # a name that no file can have
        found = False
    if not found:
        raise ContractError(
            f"contract: {shown(str(name_or_path))!r} is neither a file in "
            f"{shown(Path.cwd().name)!r} nor shipped; shipped: {', '.join(own)}, and a library"
            + near(str(name_or_path), shipped)
        )
    if path.suffix.lower() == ".csv":
        raise ContractError(f"{path.name}: a table, not an agreement; allowed: a TOML file")
    return path
