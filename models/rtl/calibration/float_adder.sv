// x + y of one format (FP16: EXP 5, MAN 10), to nearest even.
module float_adder #(
    parameter integer EXP = 8,
    parameter integer MAN = 23
) (
    input  logic [EXP+MAN:0] x,
    input  logic [EXP+MAN:0] y,
    output logic [EXP+MAN:0] result
);
  wire [EXP-1:0] code = y[EXP+MAN-1:MAN];
  wire is_normal = |code;
  wire is_special = &code;
  wire signed [EXP:0] field = {1'b0, code[EXP-1:1], code[0] | ~is_normal};

  rounding_adder #(.EXP(EXP), .MAN(MAN), .WIDTH(MAN + 1), .FIELD(EXP + 1), .NORMALIZE(0)) adder (
      .sum(x), .addend_sign(y[EXP+MAN]), .addend_field(field), .magnitude({is_normal, y[MAN-1:0]}),
      .addend_nan(is_special & (|y[MAN-1:0])), .addend_inf(is_special & ~(|y[MAN-1:0])), .result(result));
endmodule
