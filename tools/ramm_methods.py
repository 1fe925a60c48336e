"""Writes the table of methods in docs/ramm-api.md anew from the registry: `python -m tools.ramm_methods`."""

from pathlib import Path

from prorata.access.permissions import MANAGER_METHODS
from prorata.rest.ramm import methods
from prorata.rest.ramm.registry import APIS, Api, Method

PAGE = Path(__file__).resolve().parents[1] / "docs" / "ramm-api.md"
BEGIN = "<!-- methods: written by python -m tools.ramm_methods -->"
END = "<!-- end of methods -->"

assert methods


def table_of(api: Api) -> list[str]:
    """Return the methods of an API, a line each."""
    lines = [f"### {api.name.capitalize()} API", "", "| method | versions | GET | right | |", "|---|---|---|---|---|"]
    for method in api:
        names = ", ".join(f"`{name}`" for name in (method.name, *method.also))
        versions = " ".join(f"v{version}" for version in method.versions)
        lines.append(f"| {names} | {versions} | {'yes' if method.reads else ''} | {right_of(method)} | {method.purpose} |")
    return [*lines, ""]


def right_of(method: Method) -> str:
    """Return what a caller needs."""
    if method.public:
        return "no token"
    if method.api.name != "manager":
        return "token"
    return "session" if method.own else f"its name, or `{MANAGER_METHODS[method.name]}`"


def page_with_table(page: str) -> str:
    """Return the page with the table as the registry has it."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = [line for api in APIS.values() if list(api) for line in table_of(api)]
    return f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page_with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
