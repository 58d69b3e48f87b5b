"""Every rounding, scale rule and block orientation against a slow caster on exact fractions.

It shares no code with the program: values come from a sorted list of a format's numbers, built here
from the definition of its fields.
"""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

import mxsim


def float_magnitudes(exponent_bits, mantissa_bits, bias, top_codes):
    codes = 2 ** (exponent_bits + mantissa_bits) - top_codes
    steps = 2**mantissa_bits
    values = []
    for code in range(codes):
        field, mantissa = divmod(code, steps)
        significand = Fraction(mantissa, steps) + (1 if field else 0)
        values.append(significand * Fraction(2) ** (max(field, 1) - bias))
    return values


def mxsf_magnitudes():
    small = float_magnitudes(3, 2, 8, 0)
    wide = float_magnitudes(2, 5, 1, 0)
    return small + wide[32:]


MAGNITUDES = {
    "mxsf": mxsf_magnitudes(),
    "mxfp8_e4m3": float_magnitudes(4, 3, 7, 1),
    "mxfp8_e5m2": float_magnitudes(5, 2, 15, 4),
    "mxfp8_e3m4": float_magnitudes(3, 4, 3, 0),
    "mxfp6_e2m3": float_magnitudes(2, 3, 1, 0),
    "mxfp4_e2m1": float_magnitudes(2, 1, 1, 0),
    "mxint8": [Fraction(code, 64) for code in range(128)],
    "mxint4": [Fraction(code, 4) for code in range(8)],
}
ROUNDINGS = ["rne", "rna", "rnz", "rtz", "sr"]
RULES = ["floor", "up", "ceil", "midmax", "midmax_step", "even"]
BLOCKS = [(8, 8), (1, 32), (32, 1), (1, 7), (5, 3)]


def floor_log2(value):
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    return exponent if Fraction(2) ** exponent <= value else exponent - 1


def extended(magnitudes):
    """With the steps of the last binade going on, one binade past the largest."""
    step = magnitudes[-1] - magnitudes[-2]
    return magnitudes + [magnitudes[-1] + step * n for n in range(1, len(magnitudes) + 2)]


def nearest(value, magnitudes, rounding, word):
    """Index of the magnitude that `value` rounds to."""
    low, high = 0, len(magnitudes) - 1
    while low < high:  # the last that does not exceed the value
        middle = (low + high + 1) // 2
        low, high = (middle, high) if magnitudes[middle] <= value else (low, middle - 1)
    rest = value - magnitudes[low]
    if rest == 0:
        return low
    step = magnitudes[low + 1] - magnitudes[low]
    if rounding == "rtz":
        return low
    if rounding == "sr":
        return low + (1 if rest * 65536 // step + word >= 65536 else 0)
    if rest * 2 != step:
        return low + (1 if rest * 2 > step else 0)
    return low + {"rne": low % 2, "rna": 1, "rnz": 0}[rounding]


def scale_exponent(amax, magnitudes, rule):
    largest = magnitudes[-1]
    floor = floor_log2(amax) - floor_log2(largest)
    scaled = amax / Fraction(2) ** floor
    power = Fraction(2) ** (floor_log2(largest) + 1)
    grid = extended(magnitudes)
    rounded = grid[nearest(scaled, grid, "rne", 0)]
    goes_up = {
        "floor": False,
        "up": rounded > largest,
        "ceil": scaled > largest,
        "midmax": scaled >= (largest + power) / 2,
        "midmax_step": scaled > largest + (largest - magnitudes[-2]) / 2,
        "even": rounded >= power,
    }[rule]
    return max(-127, min(127, floor + goes_up))


def cast(values, magnitudes, block, rounding, rule, words):
    rows, cols = values.shape
    result = np.zeros_like(values)
    grid = extended(magnitudes)
    for top, left in product(range(0, rows, block[0]), range(0, cols, block[1])):
        tile = values[top : top + block[0], left : left + block[1]]
        amax = Fraction(float(np.abs(tile).max()))
        scale = Fraction(2) ** (scale_exponent(amax, magnitudes, rule) if amax else -127)
        for row, col in np.ndindex(tile.shape):
            value = Fraction(float(tile[row, col]))
            word = int(words[top + row, left + col])
            index = nearest(min(abs(value) / scale, grid[-1]), grid, rounding, word)
            magnitude = magnitudes[min(index, len(magnitudes) - 1)] * scale
            result[top + row, left + col] = np.copysign(float(magnitude), tile[row, col])
    return result


@pytest.mark.parametrize("name", MAGNITUDES)
def test_every_rounding_rule_and_block_gives_the_values_of_the_slow_caster(name):
    generator = np.random.default_rng(len(name))
    for rounding, rule, block in product(ROUNDINGS, RULES, BLOCKS):
        values = (generator.normal(size=(11, 13)) * np.exp2(generator.integers(-9, 3))).astype(np.float32)
        values[generator.random(values.shape) < 0.3] *= np.float32(2.0**-6)
        values[2, 3] = 0
        values = np.where(generator.random(values.shape) < 0.3, np.round(values * 256) / 256, values)
        values = values.astype(np.float32)
        words = generator.integers(0, 65536, size=values.shape).astype(np.uint16)
        given = {"random": words} if rounding == "sr" else {}
        actual = mxsim.quantize(values, name, block=block, rounding=rounding, scale_rule=rule, **given)
        expected = cast(values, MAGNITUDES[name], block, rounding, rule, words)
        assert np.array_equal(actual, expected), (rounding, rule, block)
