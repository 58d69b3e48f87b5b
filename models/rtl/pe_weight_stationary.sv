// Processing element of a weight-stationary array: sum_out <- sum_in + a x weight x both block scales, rounded once, a cycle later. `a` moves
// to the right, sums move down. A second weight register takes the next pass's weight from above while `a` streams; `swap` comes with
// the first operand of a pass and puts it to work.
// Parameters: pe_float.sv; B are the weights.
module pe_weight_stationary #(
    parameter integer A_KIND = 2,
    parameter integer A_EXP = 2,
    parameter integer A_MAN = 5,
    parameter integer A_SPECIALS = 0,
    parameter integer A_STEP = -9,
    parameter integer B_KIND = 2,
    parameter integer B_EXP = 2,
    parameter integer B_MAN = 5,
    parameter integer B_SPECIALS = 0,
    parameter integer B_STEP = -9,
    parameter integer SCALED = 1,
    parameter integer EXP = 8,
    parameter integer MAN = 23
) (
    input  logic                 clk,
    input  logic                 load,
    input  logic [B_EXP+B_MAN:0] weight_in,
    input  logic [7:0]           weight_scale_in,
    output logic [B_EXP+B_MAN:0] weight_out,
    output logic [7:0]           weight_scale_out,
    input  logic                 valid,
    input  logic                 swap,
    input  logic [A_EXP+A_MAN:0] a,
    input  logic [7:0]           a_scale,
    output logic                 valid_out,
    output logic                 swap_out,
    output logic [A_EXP+A_MAN:0] a_out,
    output logic [7:0]           a_scale_out,
    input  logic [EXP+MAN:0]     sum_in,
    output logic [EXP+MAN:0]     sum_out
);
  localparam integer WIDTH = A_MAN + B_MAN + 2;
  localparam integer FIELD = 11;

  logic [B_EXP+B_MAN:0] active;
  logic [7:0] active_scale;
  wire [B_EXP+B_MAN:0] weight = swap ? weight_out : active;
  wire [7:0] weight_scale = swap ? weight_scale_out : active_scale;

  always_ff @(posedge clk) begin
    if (load) begin
      weight_out <= weight_in;
      weight_scale_out <= weight_scale_in;
    end
    if (swap) begin
      active <= weight_out;
      active_scale <= weight_scale_out;
    end
    valid_out <= valid;
    swap_out <= swap;
    if (valid) begin
      a_out <= a;
      a_scale_out <= a_scale;
    end
  end

  logic sign, is_nan, is_inf;
  logic signed [FIELD-1:0] field;
  logic [WIDTH-1:0] magnitude;
  scaled_product #(
      .A_KIND(A_KIND), .A_EXP(A_EXP), .A_MAN(A_MAN), .A_SPECIALS(A_SPECIALS), .A_STEP(A_STEP),
      .B_KIND(B_KIND), .B_EXP(B_EXP), .B_MAN(B_MAN), .B_SPECIALS(B_SPECIALS), .B_STEP(B_STEP), .SCALED(SCALED), .EXP(EXP)
  ) product (.a(a), .b(weight), .a_scale(a_scale), .b_scale(weight_scale), .sign(sign), .field(field),
      .magnitude(magnitude), .is_nan(is_nan), .is_inf(is_inf));

  logic [EXP+MAN:0] next;
  rounding_adder #(.EXP(EXP), .MAN(MAN), .WIDTH(WIDTH), .FIELD(FIELD)) adder (
      .sum(sum_in), .addend_sign(sign), .addend_field(field), .magnitude(magnitude), .addend_nan(is_nan),
      .addend_inf(is_inf), .result(next));
  always_ff @(posedge clk) if (valid) sum_out <= next;
endmodule
