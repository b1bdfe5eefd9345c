"""Outlines of all objects of a plane at once, exactly along the edges of their pixels.

Pixel ``(y, x)`` is the square from ``(y, x)`` to ``(y + 1, x + 1)``, so that the area inside an
outline is the number of pixels. Only the corners of outlines are looked at, each once: at a corner
an outline turns, and leaves along a row to the next corner of its object in that row, or along a
column to the next one in that column. The time grows with the image and with the corners, and
never with their product.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

from napari_unet.core.instances.labels import compact_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Integers = NDArray[np.integer[Any]]
    Booleans = NDArray[np.bool_]

_STRIP = 2**23
"""Pixels that are looked at in one go."""
_UPPER_LEFT, _UPPER_RIGHT, _LOWER_LEFT, _LOWER_RIGHT = 1, 2, 4, 8
_BY_ROW = (_UPPER_LEFT, _LOWER_RIGHT, 15 - _UPPER_RIGHT, 15 - _LOWER_LEFT)
"""Which of the four pixels around a corner are the object's where its outline, with the object on
its right, leaves along the row; at other corners it comes along the row."""
_DIAGONALS = (_UPPER_LEFT | _LOWER_RIGHT, _UPPER_RIGHT | _LOWER_LEFT)


@dataclass(frozen=True)
class Outlines:
    """Closed lines around the objects of a plane, and around their holes.

    A pixel's neighbours are the four that share an edge with it. An object in several pieces has
    several outer lines; each is followed by the lines of its holes. No line touches itself.

    Parameters
    ----------
    labels
        The object's number of each line, int64 ``(lines,)``, ascending.
    holes
        Whether a line runs around a hole, bool ``(lines,)``.
    starts
        Where the points of each line begin, and behind the last where they end, int64
        ``(lines + 1,)``.
    points
        int32 ``(points, 2)``, y and x of each corner once. Outer lines run clockwise as they are
        seen on the screen, holes the other way round.
    """

    labels: NDArray[np.int64]
    holes: NDArray[np.bool_]
    starts: NDArray[np.int64]
    points: NDArray[np.int32]

    def objects(self) -> Iterator[tuple[int, list[list[NDArray[np.int32]]]]]:
        """Yield the number of each object and its pieces, each an outer line and its holes.

        A line is int32 ``(points, 2)``, y and x, as in `points`.
        """
        bounds, holes = self.starts.tolist(), self.holes.tolist()
        firsts = np.flatnonzero(np.diff(self.labels, prepend=-1)).tolist()
        for first, end in pairwise([*firsts, len(holes)]):
            pieces: list[list[NDArray[np.int32]]] = []
            for line in range(first, end):
                points = self.points[bounds[line] : bounds[line + 1]]
                if holes[line]:
                    pieces[-1].append(points)
                else:
                    pieces.append([points])
            yield int(self.labels[first]), pieces


def outlines(labels: Integers) -> Outlines:
    """Trace the outlines of all objects of a plane.

    Parameters
    ----------
    labels
        Instance labels ``(y, x)``, non-negative integers, 0 = no object.
    """
    corners = _Corners.of(labels)
    return corners.lines() if len(corners.y) else _NOTHING


_NOTHING = Outlines(
    np.zeros(0, np.int64), np.zeros(0, bool), np.zeros(1, np.int64), np.zeros((0, 2), np.int32)
)


@dataclass(frozen=True)
class _Corners:
    """Where outlines turn; a corner at which two pixels meet by their tips is there twice.

    Parameters
    ----------
    numbers
        The different labels, int64, ascending.
    which
        Of which of them each corner is.
    y, x
        Where it lies.
    kinds
        Which of the four pixels around it are the object's; of a double corner, the one.
    twins
        Of each double corner, the place of its first; the second follows at once.
    """

    numbers: NDArray[np.int64]
    which: Integers
    y: Integers
    x: Integers
    kinds: NDArray[np.uint8]
    twins: Integers

    @classmethod
    def of(cls, labels: Integers) -> _Corners:
        found = [_corners_in(strip, top) for strip, top in _strips(labels)]
        label, y, x, kinds = (np.concatenate(parts) for parts in zip(*found, strict=True))
        numbers, which = compact_labels(label)
        double = np.isin(kinds, _DIAGONALS)
        copies = np.repeat(np.arange(len(y)), 1 + double)
        second = np.flatnonzero(np.diff(copies, prepend=-1) == 0)
        kinds = kinds[copies]
        kinds[second] &= _LOWER_LEFT | _LOWER_RIGHT
        kinds[second - 1] &= _UPPER_LEFT | _UPPER_RIGHT
        return cls(numbers, which[copies].astype(np.int32), y[copies], x[copies], kinds, second - 1)

    def lines(self) -> Outlines:
        """Follow the outlines from corner to corner."""
        by_row = self._partners(self.y, self.x, (self.kinds & (_UPPER_RIGHT | _LOWER_RIGHT)) > 0)
        upper, leaves = (
            (self.kinds & (_LOWER_LEFT | _LOWER_RIGHT)) > 0,
            np.isin(self.kinds, _BY_ROW),
        )
        by_column = self._partners(self.x, self.y, upper)
        following = np.where(leaves, by_row, by_column)
        line = _components(following)
        # two tips of one piece: it closes in between around a hole, else its line touched itself
        joined = self.twins[line[self.twins] == line[self.twins + 1]]
        if len(joined):
            twin = np.arange(len(line), dtype=np.int32)
            twin[joined], twin[joined + 1] = joined + 1, joined
            by_column = twin[by_column[twin]]
            following = np.where(leaves, by_row, by_column)
            line = _components(following)
        count = int(line.max()) + 1
        steps = (self.x[by_row] - self.x).astype(np.int64) * self.y
        holes = np.bincount(line[leaves], steps[leaves], count) > 0
        of = np.zeros(count, np.int64)
        of[line] = self.which
        order = np.lexsort((holes, self._pieces(line, holes, of, by_column, leaves), of))
        return Outlines(
            self.numbers[of[order]],
            holes[order],
            *_followed(following, line, order, np.stack([self.y, self.x], axis=1)),
        )

    def _partners(self, across: Integers, along: Integers, later: Booleans) -> NDArray[np.int32]:
        """Pair corners of one object in a row or column, each with the other end of its edge.

        Parameters
        ----------
        across, along
            Which row or column each corner lies in, and where in it.
        later
            Of double corners, whether the edge of this one lies behind it.
        """
        height, width = int(across.max()) + 1, 2 * (int(along.max()) + 1)
        key = (self.which.astype(np.int64) * height + across) * width + 2 * along + later
        order = np.argsort(key)
        partners = np.empty(len(order), np.int32)
        partners[order[0::2]], partners[order[1::2]] = order[1::2], order[0::2]
        return partners

    def _pieces(
        self,
        line: Integers,
        holes: Booleans,
        of: NDArray[np.int64],
        by_column: Integers,
        leaves: Booleans,
    ) -> NDArray[np.int64]:
        """Return to which outer line each line belongs, `line` and `of` being each corner's.

        Left of a hole, in one row, the next edge of the same object is one of the same piece.
        """
        pieces = np.arange(len(of))
        outer = np.bincount(of[~holes], minlength=len(self.numbers))
        asked = np.flatnonzero(holes & (outer[of] > 1))
        alone = np.flatnonzero(holes & (outer[of] == 1))
        only = np.zeros(len(self.numbers), np.int64)
        only[of[~holes]] = np.flatnonzero(~holes)
        pieces[alone] = only[of[alone]]
        if len(asked):
            wanted = np.zeros(len(self.numbers), bool)
            wanted[of[asked]] = True
            edges = np.flatnonzero(~leaves & wanted[self.which])
            pieces[asked] = self._left_of(asked, edges, by_column, line)
            while holes[pieces[asked]].any():
                pieces[asked] = pieces[pieces[asked]]
        return pieces

    def _left_of(
        self, asked: Integers, edges: Integers, by_column: Integers, line: Integers
    ) -> Integers:
        """Return the line of the edge that comes before the leftmost one of each line asked for.

        Parameters
        ----------
        asked
            The lines.
        edges
            The corners at which the upright edges begin among which to look.
        by_column, line
            The other ends of edges, and each corner's line.
        """
        top = np.minimum(self.y[edges], self.y[by_column[edges]])
        length = np.abs(self.y[edges] - self.y[by_column[edges]])
        of = np.repeat(np.arange(len(edges)), length)
        rows = np.arange(len(of)) - np.repeat(np.cumsum(length) - length, length) + top[of]
        corner = edges[of]
        order = np.lexsort((self.x[corner], rows, self.which[corner]))
        sorted_line, sorted_x = line[corner[order]], self.x[corner[order]]
        first = np.lexsort((sorted_x, sorted_line))
        begins = np.searchsorted(sorted_line[first], asked)
        return np.asarray(sorted_line[first[begins] - 1])


def _strips(labels: Integers) -> Iterator[tuple[Integers, int]]:
    """Yield strips of rows with a row and column of background around the image, and their top."""
    height, width = labels.shape
    rows = max(1, _STRIP // (width + 2))
    for top in range(0, height + 1, rows):
        bottom = min(top + rows, height + 1)
        strip = np.zeros((bottom - top + 1, width + 2), labels.dtype)
        inside = labels[max(0, top - 1) : bottom]
        start = 1 if top == 0 else 0
        strip[start : start + len(inside), 1:-1] = inside
        yield strip, top


def _corners_in(
    strip: Integers, top: int
) -> tuple[Integers, Integers, Integers, NDArray[np.uint8]]:
    """Return label, y, x and kind of each corner between the rows of a strip."""
    even_row, even_column = strip[:, :-1] == strip[:, 1:], strip[:-1] == strip[1:]
    straight = even_row[:-1] & even_row[1:]
    straight |= even_column[:, :-1] & even_column[:, 1:]
    y, x = np.nonzero(~straight)
    around = np.stack([strip[y, x], strip[y, x + 1], strip[y + 1, x], strip[y + 1, x + 1]])
    found = []
    for place, label in enumerate(around):
        same = around == label
        kind = (same * np.array([[1], [2], [4], [8]], np.uint8)).sum(axis=0, dtype=np.uint8)
        first = ~same[:place].any(axis=0) & (label != 0)
        turns = first & ~np.isin(kind, (3, 5, 10, 12))
        found.append((label[turns], y[turns] + top, x[turns], kind[turns]))
    label, y, x, kinds = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return label, y.astype(np.int32), x.astype(np.int32), kinds


def _graph(following: Integers) -> Any:
    size = len(following)
    shape = (size, size)
    return scipy.sparse.csr_array(
        (np.ones(size, np.int8), following, np.arange(size + 1, dtype=np.int32)), shape
    )


def _components(following: Integers) -> Integers:
    """Return on which line each corner lies."""
    found = scipy.sparse.csgraph.connected_components(_graph(following), directed=False)
    return np.asarray(found[1])


def _followed(
    following: Integers, line: Integers, order: Integers, places: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return where each line begins, and all points as they follow each other.

    Parameters
    ----------
    following
        The next corner of each.
    line
        On which line each corner lies.
    order
        In which order the lines are wanted.
    places
        y and x of each corner.
    """
    count, size = len(order), len(following)
    first, before = np.empty(count, np.int64), np.empty(size, np.int64)
    first[line[::-1]] = np.arange(size)[::-1]
    before[following] = np.arange(size)
    # the end of each line leads on to the next line, so that one walk passes all corners
    chain = following.copy()
    begins = first[order]
    chain[before[begins]] = np.roll(begins, -1)
    walk = scipy.sparse.csgraph.breadth_first_order(
        _graph(chain), int(begins[0]), return_predecessors=False
    )
    lengths = np.bincount(line, minlength=count)[order]
    return np.concatenate([[0], np.cumsum(lengths)]), places[walk]
