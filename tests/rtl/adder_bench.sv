module adder_bench (
    input  logic [31:0] x,
    input  logic [31:0] y,
    output logic [31:0] fp32_sum,
    output logic [15:0] bf16_sum,
    output logic [15:0] fp16_sum,
    output logic [31:0] fp32_product,
    output logic [15:0] fp16_product
);
  float_adder #(.EXP(8), .MAN(23)) fp32_adder (.x(x), .y(y), .result(fp32_sum));
  float_adder #(.EXP(8), .MAN(7)) bf16_adder (.x(x[31:16]), .y(y[31:16]), .result(bf16_sum));
  float_adder #(.EXP(5), .MAN(10)) fp16_adder (.x(x[31:16]), .y(y[31:16]), .result(fp16_sum));
  float_multiplier #(.EXP(8), .MAN(23)) fp32_multiplier (.x(x), .y(y), .result(fp32_product));
  float_multiplier #(.EXP(5), .MAN(10)) fp16_multiplier (.x(x[31:16]), .y(y[31:16]), .result(fp16_product));
endmodule
