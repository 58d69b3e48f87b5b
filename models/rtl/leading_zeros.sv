// Leading zeros of `value` as a tree of halves. `count` has a meaning where `value` is not zero.
module leading_zeros #(
    parameter integer WIDTH = 8
) (
    input  logic [WIDTH-1:0]                          value,
    output logic [(WIDTH > 2 ? $clog2(WIDTH) : 1)-1:0] count,
    output logic                                      is_zero
);
  generate
    if (WIDTH == 1) begin : bit_alone
      assign count = 1'b0;
      assign is_zero = ~value[0];
    end else if (WIDTH == 2) begin : pair
      assign count = ~value[1];
      assign is_zero = ~|value;
    end else begin : halves
      localparam integer BITS = $clog2(WIDTH);
      localparam integer HIGH = 1 << (BITS - 1);
      localparam integer LOW = WIDTH - HIGH;
      localparam integer LOW_BITS = LOW > 2 ? $clog2(LOW) : 1;
      logic [BITS-2:0] high_count;
      logic [LOW_BITS-1:0] low_count;
      logic high_zero, low_zero;
      leading_zeros #(.WIDTH(HIGH)) high (.value(value[WIDTH-1:LOW]), .count(high_count), .is_zero(high_zero));
      leading_zeros #(.WIDTH(LOW)) low (.value(value[LOW-1:0]), .count(low_count), .is_zero(low_zero));
      wire [BITS-2:0] low_extended = low_count;
      assign count = {high_zero, high_zero ? low_extended : high_count};
      assign is_zero = high_zero & low_zero;
    end
  endgenerate
endmodule
