// Scale-and-add unit of exact block sums: sum <- sum + part x 2^STEP x both block scales, rounded once. Several PEs share one.
// STEP: exponent of the part's unit, the sum of both formats' smallest steps. Scale code 255 is NaN (E8M0).
// CLOCK_GATED: pe_float.sv.
module scale_add #(
    parameter integer BITS = 30,
    parameter integer STEP = -18,
    parameter integer EXP = 8,
    parameter integer MAN = 23,
    parameter integer CLOCK_GATED = 0
) (
    input  logic                   clk,
    input  logic                   valid,
    input  logic                   first,  // the sum starts from +0
    input  logic signed [BITS-1:0] part,
    input  logic                   has_nan,
    input  logic                   has_plus_inf,
    input  logic                   has_minus_inf,
    input  logic [7:0]             a_scale,
    input  logic [7:0]             b_scale,
    output logic [EXP+MAN:0]       sum
);
  localparam integer FIELD = 11;
  localparam integer BIAS = (1 << (EXP - 1)) - 1;
  localparam integer OFFSET = STEP + BITS - 1 + BIAS - 254;

  wire sign = part[BITS-1];
  wire [BITS-1:0] magnitude = sign ? -part : part;
  wire signed [FIELD-1:0] scales = {3'b0, a_scale} + {3'b0, b_scale};
  wire signed [FIELD-1:0] field = scales + OFFSET;
  wire is_nan = has_nan | (has_plus_inf & has_minus_inf) | (&a_scale) | (&b_scale);
  wire is_inf = has_plus_inf | has_minus_inf;

  logic [EXP+MAN:0] next;
  rounding_adder #(.EXP(EXP), .MAN(MAN), .WIDTH(BITS), .FIELD(FIELD)) adder (
      .sum(first ? {EXP+MAN+1{1'b0}} : sum), .addend_sign(is_inf ? has_minus_inf : sign), .addend_field(field),
      .magnitude(magnitude), .addend_nan(is_nan), .addend_inf(is_inf), .result(next));

  always_ff @(posedge clk) if (valid || CLOCK_GATED != 0) sum <= next;
endmodule
