"""Charts as SVG whose colours the page decides, the same bytes from the same board.

Text stays text. Colours that stand for a role in the page are written with
numbers that occur nowhere else and are replaced by the page's own variables.
"""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from ad_core.results._board import Board, Row
from ad_core.results._render import interval, number

__all__ = ["difference_diagram", "pareto_plot"]

INK, MUTED, LINE, ACCENT, PAPER = "#010101", "#020202", "#030303", "#040404", "#050505"
_ROLES = {INK: "currentColor"} | {
    colour: f"var(--{name})"
    for colour, name in ((MUTED, "muted"), (LINE, "line"), (ACCENT, "accent"), (PAPER, "paper"))
}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}
_LONGEST = 30
_MOST_NAMED = 40
"""How many points beside the front may have a name."""
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))


def difference_diagram(board: Board) -> str:
    """Draw mean ranks, their 95 % intervals, and bars that join models not shown to differ.

    The critical-difference diagram of Demšar (2006), turned so that any number
    of models can be read: a line a model, the best at the top.
    """
    rows = board.ranked
    if not rows:
        return ""
    cliques = board.tests.cliques if board.tests is not None else ()
    with _figure(f"difference {board.metric}", 8.0, 0.8 + 0.25 * len(rows)) as (figure, svg):
        axes = figure.subplots()
        for place, row in enumerate(rows):
            colour = MUTED if row.baseline else ACCENT
            ends = row.rank_interval
            if ends is not None:
                axes.plot([ends.low, ends.high], [place, place], color=colour, linewidth=2)
            (dot,) = axes.plot(_known(row.mean_rank), place, "o", color=colour, markersize=5.5)
            dot.set_gid(f"tip-{place}")
        _clique_bars(axes, [[row.model for row in rows].index(one) for one in _ends(cliques)])
        axes.set_yticks(range(len(rows)), [_short(row.model) for row in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(0.9, max(len(rows), 2) + 0.1)
        axes.xaxis.set_label_position("top")
        axes.xaxis.tick_top()
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("mean rank, with 95 % interval (1 is best)")
        axes.grid(axis="x", color=LINE, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
    return _titled("".join(svg), [_described(row) for row in rows])


def _ends(cliques: tuple[tuple[str, ...], ...]) -> list[str]:
    return [one for clique in cliques for one in (clique[0], clique[-1])]


def _clique_bars(axes: Axes, ends: list[int]) -> None:
    """Draw a bar a clique to the right of the ranks; `ends` holds first and last place in turn."""
    columns: list[int] = []  # where the last bar of each column ends
    for first, last in zip(ends[::2], ends[1::2], strict=True):
        free = (one for one, end in enumerate(columns) if end < first)
        column = next(free, len(columns))
        columns[column : column + 1] = [last]
        axes.plot(
            [1.02 + 0.022 * column] * 2,
            [first - 0.25, last + 0.25],
            transform=axes.get_yaxis_transform(),
            color=INK,
            linewidth=3,
            clip_on=False,
            solid_capstyle="round",
        )


def pareto_plot(board: Board) -> str:
    """Draw the metric against time, and the line of those that none beats in both."""
    rows = [row for row in board.ranked if _seconds(row) > 0]
    if not rows:
        return ""
    front = _front(rows, board.higher_is_better)
    with _figure(f"pareto {board.metric}", 8.0, 4.6) as (figure, svg):
        axes = figure.subplots()
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_locator(NullLocator())
        best = [rows[one] for one in front]
        axes.step(
            [_seconds(row) for row in best],
            [_known(row.mean) for row in best],
            where="post",
            color=ACCENT,
            alpha=0.4,
            linewidth=1.5,
        )
        for one, row in enumerate(rows):
            (dot,) = axes.plot(
                _seconds(row),
                _known(row.mean),
                "o",
                color=MUTED if row.baseline else ACCENT,
                markerfacecolor=PAPER if row.baseline else ACCENT,
                markersize=7 if one in front else 5,
            )
            dot.set_gid(f"tip-{one}")
        if not board.higher_is_better:
            axes.invert_yaxis()
        axes.margins(0.08, 0.1)
        axes.set_xlabel("seconds to fit and score a data set (mean, log scale)")
        axes.set_ylabel(f"mean {board.metric}")
        axes.grid(color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        _label(axes, figure, rows, front)
    return _titled("".join(svg), [_described(row) for row in rows])


def _seconds(row: Row) -> float:
    return (row.fit_time or 0.0) + (row.score_time or 0.0)


def _known(value: float | None) -> float:
    assert value is not None
    return value


def _front(rows: list[Row], higher_is_better: bool) -> list[int]:
    """Return the places of the rows that no faster row beats, fastest first."""
    sign = -1 if higher_is_better else 1
    losses = [sign * _known(row.mean) for row in rows]
    found: list[int] = []
    for one in sorted(range(len(rows)), key=lambda one: (_seconds(rows[one]), losses[one])):
        if not found or losses[one] < losses[found[-1]]:
            found.append(one)
    return found


def _label(axes: Axes, figure: Figure, rows: list[Row], front: list[int]) -> None:
    """Name the points, the front and the best first, where no name covers another."""
    figure.canvas.draw()
    points = axes.transData.transform([(_seconds(row), _known(row.mean)) for row in rows])
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in points]
    inside = axes.get_window_extent()
    sides = ((7, 4, "left"), (-7, 4, "right"), (7, -12, "left"), (-7, -12, "right"))
    others = [one for one in range(len(rows)) if one not in front][:_MOST_NAMED]
    for one in (*front, *others):
        for dx, dy, side in sides:
            text = axes.annotate(
                _short(rows[one].model),
                (_seconds(rows[one]), _known(rows[one].mean)),
                xytext=(dx, dy),
                textcoords="offset points",
                horizontalalignment=side,
                fontsize=8,
                color=INK if one in front else MUTED,
            )
            box = text.get_window_extent()
            free = inside.x0 <= box.x0 and box.x1 <= inside.x1 + 60 and inside.y0 <= box.y0
            if free and not any(
                box.x0 < x1 and x0 < box.x1 and box.y0 < y1 and y0 < box.y1
                for x0, y0, x1, y1 in taken
            ):
                taken.append((box.x0, box.y0, box.x1, box.y1))
                break
            text.remove()


@contextmanager
def _figure(salt: str, width: float, height: float) -> Iterator[tuple[Figure, list[str]]]:
    """Give a figure to draw on, in a fixed style; its SVG is in the list afterwards."""
    svg: list[str] = []
    with warnings.catch_warnings(), mpl.rc_context():
        # The page's own fonts have what the one that measures lacks.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        mpl.rcdefaults()
        mpl.rcParams.update({**_STYLE, "svg.hashsalt": salt})
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        figure.patch.set_alpha(0)
        yield figure, svg
        for axes in figure.axes:
            axes.patch.set_alpha(0)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata=_NO_METADATA)
        svg.append(_cleaned(buffer.getvalue()))


def _cleaned(svg: str) -> str:
    """Leave what a page needs: no prolog, no fixed size, no ids that two charts share."""
    svg = svg[svg.index("<svg") :].rstrip("\n")
    svg = re.sub(r'(<svg [^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg [^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r' id="[A-Za-z0-9.]+_\d+"', "", svg)
    for colour, role in _ROLES.items():
        svg = re.sub(rf"\b(fill|stroke): {colour}\b", rf"\1: {role}", svg)
    return svg


def _titled(svg: str, titles: list[str]) -> str:
    """Put a title, which browsers show when pointed at, into each marked point."""

    def title(found: re.Match[str]) -> str:
        return f"<g><title>{escape(titles[int(found[1])])}</title>"

    return re.sub(r'<g id="tip-(\d+)">', title, svg)


def _described(row: Row) -> str:
    return (
        f"{row.model}: mean rank {number(row.mean_rank, 2)} "
        f"[{interval(row.rank_interval, 2)}], mean {number(row.mean, 4)}, "
        f"{_seconds(row):.3g} s a data set"
    )


def _short(text: str) -> str:
    clean = "".join(one if one.isprintable() else "\ufffd" for one in " ".join(text.split()))
    return clean if len(clean) <= _LONGEST else f"{clean[: _LONGEST - 1]}…"
