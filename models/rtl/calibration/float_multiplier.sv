// x x y of one format, to nearest even. Subnormal operands count as zero and results below the normal numbers become zero, as in
// synthesis libraries' default units.
module float_multiplier #(
    parameter integer EXP = 8,
    parameter integer MAN = 23
) (
    input  logic [EXP+MAN:0] x,
    input  logic [EXP+MAN:0] y,
    output logic [EXP+MAN:0] result
);
  localparam integer BIAS = (1 << (EXP - 1)) - 1;
  localparam [EXP-1:0] TOP = {EXP{1'b1}};

  wire [EXP-1:0] x_code = x[EXP+MAN-1:MAN];
  wire [EXP-1:0] y_code = y[EXP+MAN-1:MAN];
  wire x_zero = ~(|x_code);
  wire y_zero = ~(|y_code);
  wire x_special = &x_code;
  wire y_special = &y_code;
  wire x_nan = x_special & (|x[MAN-1:0]);
  wire y_nan = y_special & (|y[MAN-1:0]);

  wire [2*MAN+1:0] product = {1'b1, x[MAN-1:0]} * {1'b1, y[MAN-1:0]};
  wire carry = product[2*MAN+1];
  wire [MAN:0] kept = carry ? product[2*MAN+1-:MAN+1] : product[2*MAN-:MAN+1];
  wire guard = carry ? product[MAN] : product[MAN-1];
  wire rest = (|product[MAN-2:0]) | (carry & product[MAN-1]);
  wire round_up = guard & (kept[0] | rest);
  wire signed [EXP+1:0] field = {2'b0, x_code} + {2'b0, y_code} - BIAS + carry;
  wire signed [EXP+MAN+1:0] rounded = {field, kept[MAN-1:0]} + round_up;
  wire signed [EXP+1:0] rounded_field = rounded[EXP+MAN+1:MAN];

  wire is_nan = x_nan | y_nan | (x_special & y_zero) | (y_special & x_zero);
  wire is_inf = x_special | y_special | (rounded_field >= $signed({2'b0, TOP}));
  wire is_zero = x_zero | y_zero | (rounded_field <= 0);
  wire sign = ~is_nan & (x[EXP+MAN] ^ y[EXP+MAN]);

  wire [EXP+MAN-1:0] quiet = {TOP, 1'b1, {MAN-1{1'b0}}};
  wire [EXP+MAN-1:0] infinity = {TOP, {MAN{1'b0}}};
  assign result = {sign, is_nan ? quiet : (x_special | y_special) ? infinity : is_zero ? {EXP+MAN{1'b0}}
                         : is_inf ? infinity : rounded[EXP+MAN-1:0]};
endmodule
