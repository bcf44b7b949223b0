"""The programs that a supervisor starts: the stem of zygotes, or one fresh interpreter."""

import sys


def _main() -> None:
    program, *arguments = sys.argv[1:]
    if program == "stem":
        from ad_core.benchmark.isolation import _stem

        _stem.main(*map(int, arguments))
    else:
        from ad_core.benchmark.isolation import _fresh

        _fresh.main(*map(int, arguments))


if __name__ == "__main__":
    _main()
