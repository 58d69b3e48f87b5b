// Exact product of two elements and their block scales as rounding_adder.sv takes it: |product| = magnitude x 2^(1 - WIDTH) in the binade of
// exponent field `field` of a format whose exponent has EXP bits. WIDTH = A_MAN + B_MAN + 2.
//
// A_STEP, B_STEP: exponents of the elements' smallest steps. SCALED 0: no block scales. Scale code 255 is NaN (E8M0).
module scaled_product #(
    parameter integer A_KIND = 0,
    parameter integer A_EXP = 8,
    parameter integer A_MAN = 7,
    parameter integer A_SPECIALS = 1,
    parameter integer A_STEP = -133,
    parameter integer B_KIND = 0,
    parameter integer B_EXP = 8,
    parameter integer B_MAN = 7,
    parameter integer B_SPECIALS = 1,
    parameter integer B_STEP = -133,
    parameter integer SCALED = 0,
    parameter integer EXP = 8
) (
    input  logic [A_EXP+A_MAN:0]    a,
    input  logic [B_EXP+B_MAN:0]    b,
    input  logic [7:0]              a_scale,
    input  logic [7:0]              b_scale,
    output logic                    sign,
    output logic signed [10:0]      field,
    output logic [A_MAN+B_MAN+1:0]  magnitude,
    output logic                    is_nan,
    output logic                    is_inf
);
  localparam integer WIDTH = A_MAN + B_MAN + 2;
  localparam integer BIAS = (1 << (EXP - 1)) - 1;
  localparam integer OFFSET = A_STEP + B_STEP - 2 + WIDTH - 1 + BIAS - (SCALED != 0 ? 254 : 0);

  logic product_nan;
  logic [8:0] index;
  logic [15:0] product;
  element_multiplier #(
      .A_KIND(A_KIND), .A_EXP(A_EXP), .A_MAN(A_MAN), .A_SPECIALS(A_SPECIALS),
      .B_KIND(B_KIND), .B_EXP(B_EXP), .B_MAN(B_MAN), .B_SPECIALS(B_SPECIALS)
  ) multiplier (.a(a), .b(b), .sign(sign), .index(index), .magnitude(product), .is_nan(product_nan), .is_inf(is_inf));

  wire signed [10:0] own = $signed({2'b0, index}) + OFFSET;
  wire signed [10:0] scales = {3'b0, a_scale} + {3'b0, b_scale};
  assign magnitude = product[WIDTH-1:0];
  assign field = SCALED != 0 ? own + scales : own;
  assign is_nan = product_nan | (SCALED != 0 && ((&a_scale) | (&b_scale)));
endmodule
