// Shared scale of a block (E8M0, rule `floor` of OCP MX v1.0): floor(log2 of the largest magnitude) - HIGHEST, not below code 0; code 255
// (NaN) where an element is NaN or infinite. LANES elements a cycle; `first` starts a block, `scale` is valid behind its last elements.
// HIGHEST: exponent of the binade of the largest element value, 0 or more. Exponent fields alone decide: subnormal maxima end at code 0.
module scale_finder #(
    parameter integer LANES = 8,
    parameter integer HIGHEST = 2
) (
    input  logic                clk,
    input  logic                valid,
    input  logic                first,
    input  logic [LANES*32-1:0] values,
    output logic [7:0]          scale
);
  logic [7:0] largest;
  logic [7:0] row_largest;
  integer i;
  always_comb begin
    row_largest = first ? 8'd0 : largest;
    for (i = 0; i < LANES; i = i + 1) begin
      if (values[i*32+23+:8] > row_largest) row_largest = values[i*32+23+:8];
    end
  end
  always_ff @(posedge clk) if (valid) largest <= row_largest;

  assign scale = (&largest) ? 8'hff : largest > HIGHEST ? largest - HIGHEST : 8'd0;
endmodule
