"""Colours that stay apart for readers who see red and green alike, and stand out on white.

Dichromacy is simulated by the matrices of Machado, Oliveira and Fernandes (2009) at severity 1;
distances are CIE 1976 ΔE. Charts keep a white ground in a dark page too.
"""

from itertools import combinations

import numpy as np
import pytest

from analysis.page.theme import CUSTOMER, FIRM, PALETTE, PROVIDER

APART = 15.0  # ΔE; from about 2 a trained eye sees a difference side by side
STANDS_OUT = 3.0  # WCAG 2.2, 1.4.11: graphics against their ground
SEEN = {
    "all cones": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750]])
XYZ = np.vstack([XYZ, [0.0193339, 0.1191920, 0.9503041]])
WHITE = np.array([0.95047, 1.0, 1.08883])


def linear(colour: str) -> np.ndarray:
    """A colour like #0072B2 as light: red, green, blue."""
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """Light as CIE L*a*b*."""
    parts = XYZ @ light / WHITE
    x, y, z = np.where(parts > 216 / 24389, np.cbrt(parts), (24389 / 27 * parts + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one: str, two: str, eye: str) -> float:
    seen = [lab(np.clip(SEEN[eye] @ linear(colour), 0, 1)) for colour in (one, two)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def contrast(colour: str) -> float:
    """Against white, as WCAG counts it: from 1 to 21."""
    return float(1.05 / (XYZ[1] @ linear(colour) + 0.05))


def test_the_measures_are_right() -> None:
    assert contrast("#000000") == pytest.approx(21.0)
    assert contrast("#777777") == pytest.approx(4.48, abs=0.01)  # the textbook grey that just fails
    assert distance("#000000", "#FFFFFF", "all cones") == pytest.approx(100, abs=0.1)
    assert distance("#D00000", "#507800", "deuteranopia") < distance(
        "#D00000", "#507800", "all cones"
    )


@pytest.mark.parametrize("eye", SEEN)
def test_parties_and_readings_stay_apart(eye: str) -> None:
    near = {
        (one, two): round(distance(one, two, eye), 1)
        for one, two in combinations([*PALETTE, PROVIDER, CUSTOMER], 2)
        if distance(one, two, eye) < APART
    }
    assert near == {}
    assert distance(PROVIDER, CUSTOMER, eye) > 2 * APART


@pytest.mark.parametrize("colour", [*PALETTE, PROVIDER, CUSTOMER, FIRM])
def test_a_colour_stands_out_on_a_chart(colour: str) -> None:
    assert contrast(colour) >= STANDS_OUT
