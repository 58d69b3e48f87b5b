// Processing element with a floating-point sum: sum <- sum + a x b x both block scales, rounded once (output stationary). Operands,
// scales and controls move on to the neighbours after a cycle.
//
// A_STEP, B_STEP: exponents of the elements' smallest steps. SCALED 0: elements without block scales. Scale code 255 is NaN (E8M0).
// EXP, MAN: the sum. STAGES 1: multiplier and adder in one cycle; 2: a register between them.
// CLOCK_GATED 1: `clk` stops while nothing is valid, and registers need no enable.
// Contract: an element times its scale lies in the range of FP32, as quantizers keep it.
module pe_float #(
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
    parameter integer EXP = 8,
    parameter integer MAN = 23,
    parameter integer STAGES = 1,
    parameter integer CLOCK_GATED = 0
) (
    input  logic                 clk,
    input  logic                 valid,
    input  logic                 first,  // the sum starts from +0
    input  logic [A_EXP+A_MAN:0] a,
    input  logic [B_EXP+B_MAN:0] b,
    input  logic [7:0]           a_scale,
    input  logic [7:0]           b_scale,
    output logic                 valid_out,
    output logic                 first_out,
    output logic [A_EXP+A_MAN:0] a_out,
    output logic [B_EXP+B_MAN:0] b_out,
    output logic [7:0]           a_scale_out,
    output logic [7:0]           b_scale_out,
    output logic [EXP+MAN:0]     sum
);
  localparam integer WIDTH = A_MAN + B_MAN + 2;
  localparam integer FIELD = 11;

  always_ff @(posedge clk) begin
    valid_out <= valid;
    first_out <= first;
    if (valid || CLOCK_GATED != 0) begin
      a_out <= a;
      b_out <= b;
    end
  end
  generate
    if (SCALED != 0) begin : block_scales
      always_ff @(posedge clk) begin
        if (valid || CLOCK_GATED != 0) begin
          a_scale_out <= a_scale;
          b_scale_out <= b_scale;
        end
      end
    end else begin : no_scales
      assign a_scale_out = 8'b0;
      assign b_scale_out = 8'b0;
    end
  endgenerate

  logic sign, product_nan, is_inf;
  logic signed [FIELD-1:0] product_field;
  logic [WIDTH-1:0] magnitude;
  scaled_product #(
      .A_KIND(A_KIND), .A_EXP(A_EXP), .A_MAN(A_MAN), .A_SPECIALS(A_SPECIALS), .A_STEP(A_STEP),
      .B_KIND(B_KIND), .B_EXP(B_EXP), .B_MAN(B_MAN), .B_SPECIALS(B_SPECIALS), .B_STEP(B_STEP), .SCALED(SCALED), .EXP(EXP)
  ) product (.a(a_out), .b(b_out), .a_scale(a_scale_out), .b_scale(b_scale_out), .sign(sign), .field(product_field),
      .magnitude(magnitude), .is_nan(product_nan), .is_inf(is_inf));

  // The product as the adder takes it, a cycle later with two stages.
  logic adds, starts, addend_sign, addend_nan, addend_inf;
  logic signed [FIELD-1:0] field;
  logic [WIDTH-1:0] addend;
  generate
    if (STAGES == 2) begin : product_register
      always_ff @(posedge clk) begin
        adds <= valid_out;
        starts <= first_out;
        if (valid_out || CLOCK_GATED != 0) begin
          addend_sign <= sign;
          addend_nan <= product_nan;
          addend_inf <= is_inf;
          field <= product_field;
          addend <= magnitude;
        end
      end
    end else begin : no_register
      assign adds = valid_out;
      assign starts = first_out;
      assign addend_sign = sign;
      assign addend_nan = product_nan;
      assign addend_inf = is_inf;
      assign field = product_field;
      assign addend = magnitude;
    end
  endgenerate

  logic [EXP+MAN:0] next;
  rounding_adder #(.EXP(EXP), .MAN(MAN), .WIDTH(WIDTH), .FIELD(FIELD)) adder (
      .sum(starts ? {EXP+MAN+1{1'b0}} : sum), .addend_sign(addend_sign), .addend_field(field), .magnitude(addend),
      .addend_nan(addend_nan), .addend_inf(addend_inf), .result(next));

  always_ff @(posedge clk) if (adds || CLOCK_GATED != 0) sum <= next;
endmodule
