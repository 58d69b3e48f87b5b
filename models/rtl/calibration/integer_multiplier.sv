module integer_multiplier #(
    parameter integer BITS = 8
) (
    input  logic signed [BITS-1:0]   x,
    input  logic signed [BITS-1:0]   y,
    output logic signed [2*BITS-1:0] result
);
  assign result = x * y;
endmodule
