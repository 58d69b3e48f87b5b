// sum + addend, rounded once to nearest even in the format of `sum` (EXP, MAN: FP32 8, 23; BF16 8, 7): IEEE 754 with subnormals and
// infinities; every NaN result is the quiet NaN 0 1..1 10..0.
//
// |addend| = magnitude x 2^(1 - WIDTH) in the binade of exponent field `addend_field`, a signed number that may lie outside the format.
// Any magnitude is added exactly, so that the product of a multiply-add or an integer sum enters unrounded.
// NORMALIZE 0 leaves out the normalizer: the top bit of the magnitude is set, or else the field is 1, as in numbers of the same format.
//
// One path: align the number of lower exponent with guard, round and sticky bits, add, normalize down to the subnormals' exponent, round.
module rounding_adder #(
    parameter integer EXP = 8,
    parameter integer MAN = 23,
    parameter integer WIDTH = 24,
    parameter integer FIELD = 11,
    parameter integer NORMALIZE = 1
) (
    input  logic [EXP+MAN:0]         sum,
    input  logic                     addend_sign,
    input  logic signed [FIELD-1:0]  addend_field,
    input  logic [WIDTH-1:0]         magnitude,
    input  logic                     addend_nan,
    input  logic                     addend_inf,
    output logic [EXP+MAN:0]         result
);
  localparam integer P = MAN + 1;
  localparam integer W = WIDTH > P ? WIDTH : P;
  localparam integer X = W + 3;  // guard, round, sticky
  localparam integer F = (FIELD > EXP + 1 ? FIELD : EXP + 1) + 1;
  localparam integer STEPS = $clog2(X);
  localparam integer ZEROS = $clog2(X + 1);
  localparam [EXP-1:0] TOP = {EXP{1'b1}};

  // Unpack.
  wire sum_sign = sum[EXP+MAN];
  wire [EXP-1:0] sum_code = sum[EXP+MAN-1:MAN];
  wire sum_normal = |sum_code;
  wire signed [F-1:0] sum_field = {{F-EXP{1'b0}}, sum_code[EXP-1:1], sum_code[0] | ~sum_normal};
  wire [P-1:0] sum_significand = {sum_normal, sum[MAN-1:0]};
  wire [W-1:0] sum_bits = {sum_significand, {W-P{1'b0}}};

  logic [WIDTH-1:0] normal;
  logic signed [F-1:0] field;
  generate
    if (NORMALIZE != 0) begin : normalizer
      localparam integer BITS = WIDTH > 2 ? $clog2(WIDTH) : 1;
      logic [BITS-1:0] zeros;
      logic is_zero;
      leading_zeros #(.WIDTH(WIDTH)) find_top (.value(magnitude), .count(zeros), .is_zero(is_zero));
      wire signed [F-1:0] shift = {{F-BITS{1'b0}}, zeros};
      assign normal = magnitude << zeros;
      assign field = addend_field - shift;
    end else begin : no_normalizer
      assign normal = magnitude;
      assign field = addend_field;
    end
  endgenerate
  wire [W-1:0] addend_bits = {normal, {W-WIDTH{1'b0}}};

  // Order by exponent. A zero addend never leads: its field says nothing.
  wire signed [F-1:0] ahead = sum_field - field;
  wire signed [F-1:0] behind = field - sum_field;
  wire addend_leads = ahead[F-1] & (NORMALIZE == 0 || normal[WIDTH-1]);
  wire [F-1:0] distance = addend_leads ? behind : ahead;
  wire [W-1:0] leading_bits = addend_leads ? addend_bits : sum_bits;
  wire [W-1:0] trailing_bits = addend_leads ? sum_bits : addend_bits;
  wire signed [F-1:0] leading_field = addend_leads ? field : sum_field;
  wire leading_sign = addend_leads ? addend_sign : sum_sign;

  // Align; lost bits stay visible in the lowest one (round to odd).
  wire too_far = |(distance >> STEPS);
  logic [X-1:0] aligned;
  logic sticky;
  integer stage;
  always_comb begin
    aligned = {trailing_bits, 3'b0};
    sticky = 1'b0;
    for (stage = 0; stage < STEPS; stage = stage + 1) begin
      if (distance[stage]) begin
        sticky = sticky | ((aligned & ~({X{1'b1}} << (1 << stage))) != 0);
        aligned = aligned >> (1 << stage);
      end
    end
    if (too_far) begin
      sticky = |trailing_bits;
      aligned = {X{1'b0}};
    end
    aligned[0] = aligned[0] | sticky;
  end

  // Add. Differences are negative only for equal exponents, or below a subnormal sum.
  wire subtract = sum_sign ^ addend_sign;
  wire [X+1:0] operand = {2'b0, aligned} ^ {X+2{subtract}};
  wire [X+2:0] total = {2'b0, leading_bits, 3'b0, 1'b1} + {operand, subtract};
  wire is_negative = total[X+2];
  wire [X:0] absolute = is_negative ? -total[X+1:1] : total[X+1:1];

  // Normalize, but not below exponent field 1.
  logic [ZEROS-1:0] zeros;
  logic is_zero;
  leading_zeros #(.WIDTH(X + 1)) find_result (.value(absolute), .count(zeros), .is_zero(is_zero));
  wire [F-1:0] zeros_extended = {{F-ZEROS{1'b0}}, zeros};
  wire is_limited = zeros_extended > leading_field;
  wire [ZEROS-1:0] shift = is_limited ? leading_field[ZEROS-1:0] : zeros;
  wire [X:0] normalized = absolute << shift;
  wire [F-1:0] normal_field = leading_field + 1'b1 - {{F-ZEROS{1'b0}}, shift};
  wire [F-1:0] result_field = normalized[X] ? normal_field : {F{1'b0}};

  // Round; the carry runs into the exponent.
  wire guard = normalized[X-P];
  wire rest = |normalized[X-P-1:0];
  wire round_up = guard & (normalized[X-P+1] | rest);
  wire [F+MAN-1:0] rounded = {result_field, normalized[X-1-:MAN]} + round_up;
  wire overflows = rounded[F+MAN-1:MAN] >= {{F-EXP{1'b0}}, TOP};

  // Select.
  wire is_special = &sum_code;
  wire sum_nan = is_special & (|sum[MAN-1:0]);
  wire sum_inf = is_special & ~(|sum[MAN-1:0]);
  wire is_nan = sum_nan | addend_nan | (sum_inf & addend_inf & subtract);
  wire is_inf = sum_inf | addend_inf;
  wire cancels = is_zero & subtract;
  wire total_sign = ~cancels & (leading_sign ^ is_negative);
  wire sign = ~is_nan & (addend_inf ? addend_sign : sum_inf ? sum_sign : total_sign);
  wire [EXP+MAN-1:0] infinity = {TOP, {MAN{1'b0}}};
  wire [EXP+MAN-1:0] quiet = {TOP, 1'b1, {MAN-1{1'b0}}};

  assign result = {sign, is_nan ? quiet : (is_inf | overflows) ? infinity : rounded[EXP+MAN-1:0]};
endmodule
