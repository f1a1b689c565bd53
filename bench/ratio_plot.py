"""A plot of ratios with their intervals, as SVG that is readable on a light and on a dark page."""

import math
from xml.sax.saxutils import escape

WIDTH, LABELS, RIGHT, ROW, TITLE, TOP = 760, 300, 60, 24, 34, 40
GREY, STRONG = "#808080", "#2f81c7"
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def text(x, y, words, anchor="start", weight="normal", colour=GREY):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" '
            f'fill="{colour}">{escape(words)}</text>')


def line(x1, y1, x2, y2, width=1, colour=GREY, more=""):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width}"{more}/>')


class Axis:
    """Logarithmic, so that half as much is as far from 1 as twice as much."""

    def __init__(self, low, high):
        self.low, self.high = math.log(min(low, 0.8)), math.log(max(high, 1.25))

    def x(self, ratio):
        share = (math.log(ratio) - self.low) / (self.high - self.low)
        return LABELS + share * (WIDTH - LABELS - RIGHT)

    def ticks(self):
        return [tick for tick in TICKS if self.low <= math.log(tick) <= self.high]


def row_of(axis, y, name, ratio):
    colour = STRONG if ratio.differs() else GREY
    return [text(LABELS - 12, y + 4, name, "end"),
            line(axis.x(ratio.low), y, axis.x(ratio.high), y, 3, colour),
            f'<circle cx="{axis.x(ratio.median):.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>',
            text(axis.x(ratio.high) + 10, y + 4, f"{ratio.median:.2f}" if ratio.differs() else "?")]


def plot(title, groups):
    """`groups`: of each case its title, and pairs of a name and a Ratio."""
    ratios = [ratio for _, rows in groups for _, ratio in rows]
    axis = Axis(min(ratio.low for ratio in ratios), max(ratio.high for ratio in ratios) * 1.1)
    body, y = [], TOP
    for case, rows in groups:
        y += TITLE
        body.append(text(LABELS - 12, y - 10, case, "end", "bold"))
        for name, ratio in rows:
            body += row_of(axis, y + ROW / 2, name, ratio)
            y += ROW
    grid = [line(axis.x(tick), TOP + 4, axis.x(tick), y + 6, 2 if tick == 1 else 1,
                 more=' stroke-opacity="0.5"') for tick in axis.ticks()]
    grid += [text(axis.x(tick), y + 22, f"{tick:g}", "middle") for tick in axis.ticks()]
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 34}" '
             f'font-family="sans-serif" font-size="13" role="img">', f"<title>{escape(title)}</title>",
             text(WIDTH / 2, 24, title, "middle", "bold"), *grid, *body, "</svg>"]
    return "\n".join(lines) + "\n"
