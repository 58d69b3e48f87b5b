#!/usr/bin/python3
"""Synthesises multiply-accumulate units of small formats for a 6-LUT FPGA with yosys and tabulates their cells.

Each unit multiplies two elements and adds the product to a lossless accumulator for 4608 or fewer products (arXiv
2311.12359): integers in two's complement, minifloats with subnormals and no special codes, whose aligned products
are added as integers. A multiplier adds partial products two at a time on carry chains. `synth_xilinx -family xcup`
maps to LUT, CARRY8 and FF cells of UltraScale+, without DSP blocks and I/O. A carry chain's two LUTs a bit count as
one where they have at most five inputs (LUT6_2). The table is what models/energy/fpga_cost.cpp is checked against.
"""
import argparse
import csv
import json
import math
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "tests/data/energy/fpga_synthesis.csv"
FIELDS = ["a", "b", "terms", "sum_bits", "luts", "flops", "carries", "multiplier_luts"]


def fields_of(name):
    """(exponent bits, mantissa bits) of "e3m2", (0, bits) of "int6"."""
    integer = re.fullmatch(r"int(\d+)", name)
    if integer:
        return 0, int(integer[1])
    exponent, mantissa = re.fullmatch(r"e(\d+)m(\d+)", name).groups()
    return int(exponent), int(mantissa)


def fixed_bits(name):
    exponent, mantissa = fields_of(name)
    return mantissa if exponent == 0 else 2**exponent + mantissa - 1


def sum_bits(a, b, terms):
    return fixed_bits(a) + fixed_bits(b) + math.ceil(math.log2(terms)) + 1


def decoded(port, name):
    """Wires of one minifloat: sign, significand, shift."""
    exponent, mantissa = fields_of(name)
    bits = 1 + exponent + mantissa
    fraction = f", {port}[{mantissa - 1}:0]" if mantissa else ""
    return f"""
  wire [{exponent - 1}:0] e{port} = {port}[{bits - 2}:{mantissa}];
  wire n{port} = |e{port};
  wire [{mantissa}:0] s{port} = {{n{port}{fraction}}};
  wire [{exponent - 1}:0] h{port} = e{port} - n{port};"""


def bits_of(name):
    exponent, mantissa = fields_of(name)
    return mantissa if exponent == 0 else 1 + exponent + mantissa


def rows_of(wide_a, wide_b, signed):
    """Multiplier that adds rows of partial products pairwise; yosys keeps modules apart, so it cannot
    turn the carry chains into compressors."""
    kind = "signed " if signed else ""
    text, sums = "", []
    for row in range(0, wide_b, 2):
        pair = row + 1 < wide_b
        last = row + 2 >= wide_b
        width = wide_a + (2 if pair else 0 if wide_b == 1 else 1)
        module = f"row{row}"
        zero = f"{wide_a}'{'s' if signed else ''}b0"
        high = f"(b[1] ? a : {zero})"
        sign = "-" if signed and last else "+"
        value = f"(b[0] ? a : {zero})"
        if pair:
            value = f"{value} {sign} ({high} <<< 1)"
        elif signed and last:
            value = f"-{value}"
        text += (f"module {module}(input {kind}[{wide_a - 1}:0] a, input [{int(pair)}:0] b, "
                 f"output {kind}[{width - 1}:0] p);\n  assign p = {value};\nendmodule\n")
        sums.append((f"p{row}", row, width, f"  wire {kind}[{width - 1}:0] p{row};\n  {module} r{row}(a, "
                     + (f"b[{row + 1}:{row}]" if pair else f"b[{row}]") + f", p{row});\n"))
    body = "".join(each[3] for each in sums)
    sums = [each[:3] for each in sums]
    level = 0
    while len(sums) > 1:
        above = []
        for i in range(0, len(sums) - 1, 2):
            (low, at, low_width), (high, high_at, high_width) = sums[i], sums[i + 1]
            shift = high_at - at
            width = max(low_width, high_width + shift) + 1
            name = f"t{level}_{i}"
            text += (f"module add{level}_{i}(input {kind}[{low_width - 1}:0] x, input {kind}[{high_width - 1}:0] y, "
                     f"output {kind}[{width - 1}:0] z);\n  assign z = x + (y <<< {shift});\nendmodule\n")
            body += f"  wire {kind}[{width - 1}:0] {name};\n  add{level}_{i} u{name}({low}, {high}, {name});\n"
            above.append((name, at, width))
        if len(sums) % 2:
            above.append(sums[-1])
        sums, level = above, level + 1
    return text + (f"module multiplier(input {kind}[{wide_a - 1}:0] a, input {kind}[{wide_b - 1}:0] b, "
                   f"output {kind}[{wide_a + wide_b - 1}:0] p);\n{body}  assign p = {sums[0][0]};\nendmodule\n")


def multiplier_text(a, b):
    """Of whole integers, or of the significands of minifloats."""
    integer = fields_of(a)[0] == 0
    wide = [bits_of(name) if integer else fields_of(name)[1] + 1 for name in (a, b)]
    return rows_of(max(wide), min(wide), integer), [max(wide), min(wide)], wide[0] < wide[1]


def integer_unit(a, b, width):
    text, wide, swapped = multiplier_text(a, b)
    operands = "b, a" if swapped else "a, b"
    return text + f"""module accumulate(input clk, input clear, input signed [{sum(wide) - 1}:0] p,
  output reg signed [{width - 1}:0] sum);
  always @(posedge clk) sum <= clear ? 0 : sum + p;
endmodule
module unit(input clk, input clear, input signed [{bits_of(a) - 1}:0] a, input signed [{bits_of(b) - 1}:0] b,
  output signed [{width - 1}:0] sum);
  wire signed [{sum(wide) - 1}:0] p;
  multiplier m({operands}, p);
  accumulate s(clk, clear, p, sum);
endmodule
"""


def minifloat_unit(a, b, width):
    text, wide, swapped = multiplier_text(a, b)
    operands = "sb, sa" if swapped else "sa, sb"
    aligned = fixed_bits(a) + fixed_bits(b)
    shift = max(fields_of(a)[0], fields_of(b)[0]) + 1
    return text + f"""module align(input [{sum(wide) - 1}:0] p, input [{shift - 1}:0] h, output [{aligned - 1}:0] m);
  assign m = {{{{{aligned - sum(wide)}{{1'b0}}}}, p}} << h;
endmodule
module accumulate(input clk, input clear, input negative, input [{aligned - 1}:0] m, output reg [{width - 1}:0] sum);
  wire [{width - 1}:0] term = {{{{{width - aligned}{{1'b0}}}}, m}} ^ {{{width}{{negative}}}};
  wire [{width}:0] next = {{sum, 1'b1}} + {{term, negative}};
  always @(posedge clk) sum <= clear ? 0 : next[{width}:1];
endmodule
module unit(input clk, input clear, input [{bits_of(a) - 1}:0] a, input [{bits_of(b) - 1}:0] b,
  output [{width - 1}:0] sum);{decoded("a", a)}{decoded("b", b)}
  wire [{shift - 1}:0] h = ha + hb;
  wire [{sum(wide) - 1}:0] p;
  wire [{aligned - 1}:0] m;
  multiplier u({operands}, p);
  align g(p, h, m);
  accumulate s(clk, clear, a[{bits_of(a) - 1}] ^ b[{bits_of(b) - 1}], m, sum);
endmodule
"""


def multiplier_unit(a, b):
    return multiplier_text(a, b)[0].replace("module multiplier(", "module unit(")


def cells(verilog):
    """Cells of the synthesised and flattened unit: {name: {"type", "connections"}}."""
    with tempfile.TemporaryDirectory() as folder:
        source, netlist = Path(folder) / "unit.v", Path(folder) / "unit.json"
        source.write_text(verilog, encoding="utf-8")
        script = (f"read_verilog {source}; synth_xilinx -family xcup -top unit -nodsp -noiopad -noclkbuf; "
                  f"flatten; opt_clean; write_json {netlist}")
        done = subprocess.run(["yosys", "-Q", "-p", script], capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr or done.stdout[-2000:])
        return json.loads(netlist.read_text(encoding="utf-8"))["modules"]["unit"]["cells"].values()


def lut_count(found):
    """LUT6 sites: the two LUTs of a carry chain's bit share one where five inputs suffice."""
    luts = {cell["connections"]["O"][0]: cell for cell in found if cell["type"].startswith("LUT")}
    inputs = {net: {bits[0] for port, bits in cell["connections"].items() if port.startswith("I")}
              for net, cell in luts.items()}
    shared = set()
    for cell in found:
        if not cell["type"].startswith("CARRY"):
            continue
        for select, data in zip(cell["connections"]["S"], cell["connections"]["DI"]):
            if select in luts and data in luts and select != data and data not in shared:
                if len(inputs[select] | inputs[data]) <= 5:
                    shared.add(data)
    return len(luts) - len(shared)


def measured(a, b, terms):
    width = sum_bits(a, b, terms)
    unit = integer_unit if fields_of(a)[0] == 0 else minifloat_unit
    found = cells(unit(a, b, width))
    return {"a": a, "b": b, "terms": terms, "sum_bits": width, "luts": lut_count(found),
            "flops": sum(cell["type"].startswith("FD") for cell in found),
            "carries": sum(cell["type"].startswith("CARRY") for cell in found),
            "multiplier_luts": lut_count(cells(multiplier_unit(a, b)))}


def formats():
    """INT and ExMy of 3 to 8 bits with 2 to 5 exponent bits."""
    yield from (f"int{bits}" for bits in range(3, 9))
    for bits in range(3, 9):
        yield from (f"e{e}m{bits - 1 - e}" for e in range(2, min(6, bits)))


def units():
    yield from ((name, name, 4608) for name in formats())


def rows_in(table):
    return list(csv.DictReader(table.read_text(encoding="utf-8").splitlines())) if table.is_file() else []


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", metavar="A:B:TERMS", help="synthesise one unit and compare it with the table")
    parser.add_argument("--fresh", action="store_true", help="synthesise units that the table has, too")
    parser.add_argument("--table", type=Path, default=TABLE)
    arguments = parser.parse_args()
    if arguments.check:
        a, b, terms = arguments.check.split(":")
        found = {name: str(value) for name, value in measured(a, b, int(terms)).items()}
        if found not in rows_in(arguments.table):
            sys.exit(f"{arguments.table} has another row than {found}")
        return
    known = {(row["a"], row["b"], row["terms"]): row for row in rows_in(arguments.table)}
    with arguments.table.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, FIELDS, lineterminator="\n")
        writer.writeheader()
        for a, b, terms in units():
            row = None if arguments.fresh else known.get((a, b, str(terms)))
            writer.writerow(row or measured(a, b, terms))
            out.flush()


if __name__ == "__main__":
    main()
