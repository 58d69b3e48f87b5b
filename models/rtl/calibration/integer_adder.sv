module integer_adder #(
    parameter integer BITS = 8
) (
    input  logic [BITS-1:0] x,
    input  logic [BITS-1:0] y,
    output logic [BITS-1:0] result
);
  assign result = x + y;
endmodule
