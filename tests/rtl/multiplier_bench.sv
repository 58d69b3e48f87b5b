// Every pair of formats on the same pair of codes.
module multiplier_bench (
    input  logic [7:0]  a,
    input  logic [7:0]  b,
    output logic [31:0] products[400]  // row-major: {nan, inf, sign, index, magnitude}
);
`include "formats.svh"
  genvar f, g;
  generate
    for (f = 0; f < FORMATS; f = f + 1) begin : rows
      for (g = 0; g < FORMATS; g = g + 1) begin : columns
        logic sign, is_nan, is_inf;
        logic [8:0] index;
        logic [15:0] magnitude;
        element_multiplier #(
            .A_KIND(kind_of(f)), .A_EXP(exp_of(f)), .A_MAN(man_of(f)), .A_SPECIALS(specials_of(f)),
            .B_KIND(kind_of(g)), .B_EXP(exp_of(g)), .B_MAN(man_of(g)), .B_SPECIALS(specials_of(g))
        ) multiplier (
            .a(a[exp_of(f)+man_of(f):0]), .b(b[exp_of(g)+man_of(g):0]), .sign(sign), .index(index),
            .magnitude(magnitude), .is_nan(is_nan), .is_inf(is_inf));
        assign products[f*FORMATS+g] = {4'b0, is_nan, is_inf, sign, index, magnitude};
      end
    end
  endgenerate
endmodule
