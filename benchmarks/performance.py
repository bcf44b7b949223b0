"""Run the benchmarks that docs/performance.md shows, and put what they print into it.

    python benchmarks/performance.py [--only detectors metrics …]

Each block of the page stands between two comments with its name; what fails is left as it was,
and ends the command with status 1. Nothing else should run on the machine meanwhile.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs/performance.md"
FOLDER = HERE.parent / "docs/performance"


def printed(script: str, *arguments: str) -> str:
    """Return what a script prints."""
    command = [sys.executable, str(HERE / script), *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return f"```text\n{done.stdout.rstrip()}\n```\n"


def detectors() -> str:
    """Return the tables of detectors."""
    command = [
        sys.executable,
        str(HERE / "detectors.py"),
        *("--seconds", "3"),
        "--output",
        str(FOLDER),
    ]
    subprocess.run(command, check=True)
    plot = "![The other's time over ours, a row a detector](performance/detectors.svg)"
    table = FOLDER / "detectors.md"
    text = table.read_text()
    table.unlink()  # it stands on the page
    files = [f"[{name}](performance/{name}.csv)" for name in ("detectors", "one-row", "first-call")]
    return f"{plot}\n\n{text}\nEvery median, as CSV: {', '.join(files)}.\n"


BLOCKS: dict[str, Callable[[], str]] = {
    "detectors": detectors,
    "metrics": lambda: printed("metrics.py"),
    "series": lambda: printed("series_metrics.py"),
    "sweep": lambda: printed("sweep.py"),
    "larger": lambda: printed("sweep.py", "--larger", "--repeats", "1", "--ways", "runner", "loop"),
    "isolation": lambda: printed("isolation.py"),
    "overhead": lambda: printed("overhead.py"),
    "startup": lambda: printed("startup.py"),
}


def main() -> int:
    """Measure, and write the page after each block."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=BLOCKS, default=list(BLOCKS))
    failed = []
    for name in parser.parse_args().only:
        print(f"{name} …", flush=True)
        try:
            block = BLOCKS[name]()
        except subprocess.CalledProcessError as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed.append(name)
            continue
        marks = rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)"
        text, found = re.subn(
            marks,
            lambda marked, block=block: f"{marked[1]}\n{block}\n{marked[2]}",
            PAGE.read_text(),
            flags=re.DOTALL,
        )
        if found != 1:
            raise SystemExit(f"{PAGE} has no place for {name}")
        PAGE.write_text(text)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
