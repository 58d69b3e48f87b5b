// Exact product of two elements: (-1)^sign x magnitude x 2^(index - 2) x both smallest steps, or the NaN or infinity that IEEE 754 gives.
// Parameters of A and B: element_decoder.sv. The magnitude has A_MAN + B_MAN + 2 bits, the others are constant zero.
module element_multiplier #(
    parameter integer A_KIND = 0,
    parameter integer A_EXP = 4,
    parameter integer A_MAN = 3,
    parameter integer A_SPECIALS = 0,
    parameter integer B_KIND = 0,
    parameter integer B_EXP = 4,
    parameter integer B_MAN = 3,
    parameter integer B_SPECIALS = 0
) (
    input  logic [A_EXP+A_MAN:0] a,
    input  logic [B_EXP+B_MAN:0] b,
    output logic                 sign,
    output logic [8:0]           index,
    output logic [15:0]          magnitude,
    output logic                 is_nan,
    output logic                 is_inf
);
  logic a_sign, a_nan, a_inf, b_sign, b_nan, b_inf;
  logic [7:0] a_index, a_significand, b_index, b_significand;

  element_decoder #(.KIND(A_KIND), .EXP(A_EXP), .MAN(A_MAN), .SPECIALS(A_SPECIALS)) decode_a (
      .code(a), .sign(a_sign), .index(a_index), .significand(a_significand), .is_nan(a_nan), .is_inf(a_inf));
  element_decoder #(.KIND(B_KIND), .EXP(B_EXP), .MAN(B_MAN), .SPECIALS(B_SPECIALS)) decode_b (
      .code(b), .sign(b_sign), .index(b_index), .significand(b_significand), .is_nan(b_nan), .is_inf(b_inf));

  wire [A_MAN:0] a_bits = a_significand;
  wire [B_MAN:0] b_bits = b_significand;
  wire [A_MAN+B_MAN+1:0] product = a_bits * b_bits;

  assign sign = a_sign ^ b_sign;
  assign index = a_index + b_index;
  assign magnitude = product;
  assign is_nan = a_nan | b_nan | (a_inf & (b_bits == 0)) | (b_inf & (a_bits == 0));
  assign is_inf = (a_inf | b_inf) & ~is_nan;
endmodule
