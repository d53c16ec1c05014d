"""The critical-difference diagram of Demsar (JMLR 7, 2006, figure 1), as SVG."""

from html import escape

from archwright.designs.ranks import Ranked, Ranking

WIDTH, LINE, MARGIN = 860, 17, 190
"""Pixels: of the picture, of a line of text, and left and right of the axis."""


def critical_difference_svg(ranking: Ranking) -> str:
    """Return the mean ranks on an axis, the best at the right; bars join treatments that are not told apart."""
    ranked, groups = ranking.ranked, ranking.groups
    most = len(ranked)
    half = (most + 1) // 2
    axis_y = 46
    first_y = axis_y + 14 + 6 * len(groups)
    height = first_y + LINE * half + 12

    def x(rank: float) -> float:
        return WIDTH - MARGIN - (rank - 1) / (most - 1) * (WIDTH - 2 * MARGIN)

    def at_right(place: int, one: Ranked) -> str:
        y = first_y + LINE * (place + 1)
        path = f"M{x(one.rank):.1f} {axis_y}V{y}H{WIDTH - MARGIN + 8}"
        return f'<path d="{path}"/>' + _text(WIDTH - MARGIN + 12, y + 4, one, "start")

    def at_left(place: int, one: Ranked) -> str:
        y = first_y + LINE * (most - place)
        return f'<path d="M{x(one.rank):.1f} {axis_y}V{y}H{MARGIN - 8}"/>' + _text(MARGIN - 12, y + 4, one, "end")

    parts = [f'<path d="M{x(1):.1f} {axis_y}H{x(most):.1f}"/>']
    for tick in range(1, most + 1):
        parts.append(f'<path d="M{x(tick):.1f} {axis_y}v-5"/>')
        parts.append(f'<text x="{x(tick):.1f}" y="{axis_y - 9}" text-anchor="middle">{tick}</text>')
    parts += [at_right(place, one) if place < half else at_left(place, one) for place, one in enumerate(ranked)]
    for number, (first, last) in enumerate(groups):
        y = axis_y + 10 + 6 * number
        parts.append(
            f'<path d="M{x(ranked[first].rank) + 3:.1f} {y}H{x(ranked[last].rank) - 3:.1f}" stroke-width="4"/>'
        )
    end = x(1) - ranking.critical_difference / (most - 1) * (WIDTH - 2 * MARGIN)
    parts.append(f'<path d="M{x(1):.1f} 14H{max(end, MARGIN):.1f}" stroke-width="2"/>')
    parts.append(f'<text x="{WIDTH - MARGIN + 8}" y="18">CD = {ranking.critical_difference:.2f}</text>')
    style = 'fill="none" stroke="currentColor"'
    body = "".join(parts).replace("<path", f"<path {style}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-size="12" '
        f'font-family="sans-serif" fill="currentColor"><title>Mean ranks and critical difference</title>{body}</svg>'
    )


def _text(x: float, y: float, one: Ranked, anchor: str) -> str:
    name = escape(" ".join(map(str, one.treatment)))
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{name} ({one.rank:.2f})</text>'
