// FP32 value under a block scale (E8M0) -> code of an element, rounded to nearest even, or stochastically with STOCHASTIC 1: the fraction of
// a step is cut to 16 bits, `random` is added, the carry rounds up. Values beyond the largest element saturate; scale code 255 gives code 0.
// KIND, EXP, MAN, SPECIALS 0 to 2: element_decoder.sv. LOWEST: exponent of the lowest normal binade; 0 for MX integers, -7 for MXSF.
//
// A magnitude code is (binades above the lowest) << mantissa bits, plus the significand of the lowest binade, shifted further down for
// subnormals: rounding carries run through all of it. MXSF only changes where the significand is cut.
module element_encoder #(
    parameter integer KIND = 2,
    parameter integer EXP = 2,
    parameter integer MAN = 5,
    parameter integer SPECIALS = 0,
    parameter integer LOWEST = -7,
    parameter integer STOCHASTIC = 0
) (
    input  logic [31:0]      value,
    input  logic [7:0]       scale,
    input  logic [15:0]      random,
    output logic [EXP+MAN:0] code
);
  localparam integer FRACTION = KIND == 1 ? MAN - 1 : KIND == 2 ? 2 : MAN;  // of the lowest binade
  localparam integer CODE = 12;
  localparam integer CUT = 23 - FRACTION;
  localparam integer WIDE_CUT = 18;
  // Further down nothing rounds up; 16 bits of the fraction matter to stochastic rounding.
  localparam integer MOST = STOCHASTIC != 0 ? FRACTION + 17 : FRACTION + 2;
  localparam integer SHIFT = $clog2(MOST + 1);
  localparam [CODE-1:0] LARGEST = (1 << (EXP + MAN)) - 1 - (KIND != 0 ? 0 : SPECIALS == 1 ? (1 << MAN) : SPECIALS == 2 ? 1 : 0);

  // Normalize; `binade` is floor(log2) of the scaled magnitude.
  wire is_normal = |value[30:23];
  wire [23:0] raw = {is_normal, value[22:0]};
  logic [4:0] zeros;
  logic is_zero;
  leading_zeros #(.WIDTH(24)) find_top (.value(raw), .count(zeros), .is_zero(is_zero));
  wire [23:0] significand = raw << zeros;
  wire signed [9:0] field = {2'b0, value[30:24], value[23] | ~is_normal};
  wire signed [9:0] binade = field - $signed({5'b0, zeros}) - $signed({2'b0, scale});

  // Cut at the step of the binade.
  wire signed [9:0] above = binade - LOWEST;
  wire is_low = above[9];
  wire [9:0] deficit = is_low ? -above : 10'd0;
  wire [SHIFT-1:0] shift = deficit > MOST ? MOST[SHIFT-1:0] : deficit[SHIFT-1:0];
  wire [23+MOST:0] moved = {significand, {MOST{1'b0}}} >> shift;
  wire [23:0] kept = moved[23+MOST:MOST];
  wire is_inexact = |moved[MOST-1:0];
  wire is_wide = KIND == 2 && !binade[9];

  wire [CODE-1:0] quotient = is_wide ? kept >> WIDE_CUT : kept >> CUT;
  wire [23:0] rest = is_wide ? kept << (24 - WIDE_CUT) : kept << (24 - CUT);
  wire [CODE+9:0] steps = is_wide ? binade : is_low ? 10'd0 : above;
  wire [CODE+9:0] binades = is_wide ? steps << 5 : steps << FRACTION;

  // Round.
  logic round_up;
  generate
    if (STOCHASTIC != 0) begin : stochastic
      wire [16:0] total = {1'b0, rest[23:8]} + {1'b0, random};
      assign round_up = total[16];
    end else begin : nearest_even
      assign round_up = rest[23] & ((|rest[22:0]) | is_inexact | quotient[0]);
    end
  endgenerate
  wire [CODE+9:0] rounded = binades + quotient + round_up;
  wire [CODE-1:0] magnitude = is_zero ? {CODE{1'b0}} : rounded > LARGEST ? LARGEST : rounded[CODE-1:0];
  wire [EXP+MAN-1:0] bits = magnitude[EXP+MAN-1:0];

  generate
    if (KIND == 1) begin : integer_code
      wire [EXP+MAN:0] extended = {1'b0, bits};
      assign code = (&scale) ? {EXP+MAN+1{1'b0}} : value[31] ? -extended : extended;
    end else begin : sign_magnitude
      assign code = (&scale) ? {EXP+MAN+1{1'b0}} : {value[31], bits};
    end
  endgenerate
endmodule
