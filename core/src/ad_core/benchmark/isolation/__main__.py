"""The programs that a supervisor starts: a zygote, or the one run of a fresh interpreter."""

import sys


def _main() -> None:
    program, *arguments = sys.argv[1:]
    if program == "zygote":
        from ad_core.benchmark.isolation import _zygote

        _zygote.main(*map(int, arguments))
    else:
        from ad_core.benchmark.isolation import _fresh

        _fresh.main(*map(int, arguments))


if __name__ == "__main__":
    _main()
