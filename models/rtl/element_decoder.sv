// Code of an element -> value = (-1)^sign x significand x 2^(index - 1) x the format's smallest step.
//
// KIND 0: minifloat of EXP and MAN bits. SPECIALS 0: every code is a number, 1: IEEE infinities and NaNs, 2: the all-ones magnitude is
//         NaN (OCP "fn"), 3: the code of -0 is NaN (OCP "fnuz").
// KIND 1: two's complement integer of 1 + MAN bits, EXP 0.
// KIND 2: MXSF, EXP 2, MAN 5: exponent field 1..3 is E2M5, exponent field 0 an E3M2 in the five low bits.
//
// The index starts at 1, so that it is the exponent field itself with the lowest bit set for subnormals; the two modes of MXSF need no
// adder either. Significands stay low aligned: indices of MXSF end at 7. Unused high bits are constant zero.
module element_decoder #(
    parameter integer KIND = 0,
    parameter integer EXP = 4,
    parameter integer MAN = 3,
    parameter integer SPECIALS = 0
) (
    input  logic [EXP+MAN:0] code,
    output logic             sign,
    output logic [7:0]       index,
    output logic [7:0]       significand,
    output logic             is_nan,
    output logic             is_inf
);
  localparam logic [EXP+MAN:0] FRACTION = (1 << MAN) - 1;

  assign sign = code[EXP+MAN];

  generate
    if (KIND == 1) begin : integer_code
      wire [MAN:0] magnitude = sign ? -code : code;
      assign significand = magnitude;
      assign index = 8'd1;
      assign is_nan = 1'b0;
      assign is_inf = 1'b0;
    end else if (KIND == 2) begin : mxsf
      wire [1:0] wide = code[6:5];
      wire [2:0] narrow = code[4:2];
      wire is_wide = |wide;
      wire is_subnormal = ~|narrow;
      assign index = is_wide ? {5'b0, 1'b1, wide} : {5'b0, narrow[2:1], narrow[0] | is_subnormal};
      assign significand = is_wide ? {2'b0, 1'b1, code[4:0]} : {5'b0, ~is_subnormal, code[1:0]};
      assign is_nan = 1'b0;
      assign is_inf = 1'b0;
    end else begin : minifloat
      wire [EXP-1:0] field = code[EXP+MAN-1:MAN];
      wire is_normal = |field;
      wire is_top = &field;
      wire [EXP+MAN:0] fraction = code & FRACTION;
      wire [7:0] hidden = is_normal << MAN;
      wire [EXP-1:0] lowest = is_normal ? 0 : 1;
      assign index = field | lowest;
      assign significand = fraction | hidden;
      assign is_inf = SPECIALS == 1 && is_top && fraction == 0;
      assign is_nan = (SPECIALS == 1 && is_top && fraction != 0) ||
                      (SPECIALS == 2 && is_top && fraction == FRACTION) ||
                      (SPECIALS == 3 && sign && !is_normal && fraction == 0);
    end
  endgenerate
endmodule
