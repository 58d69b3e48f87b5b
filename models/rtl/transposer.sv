// Transposes tiles of SIZE x SIZE elements at a row a cycle: while a tile enters by rows, its predecessor leaves by columns. The registers
// shift up for one tile and left for the next, so that each has a two-way multiplexer and no second bank is needed.
// Column j of a tile leaves with row j of the next one. SIZE: a power of two.
module transposer #(
    parameter integer SIZE = 8,
    parameter integer BITS = 8
) (
    input  logic                 clk,
    input  logic                 reset,
    input  logic                 valid,
    input  logic [SIZE*BITS-1:0] row,
    output logic [SIZE*BITS-1:0] column
);
  localparam integer INDEX = $clog2(SIZE);
  logic [SIZE*SIZE*BITS-1:0] tile;
  logic [INDEX-1:0] count;
  logic up;  // this tile enters at the bottom; the last one came from the right
  always_ff @(posedge clk) begin
    if (reset) begin
      count <= 0;
      up <= 1'b1;
    end else if (valid) begin
      count <= count + 1'b1;
      if (&count) up <= ~up;
    end
  end

  genvar r, c;
  generate
    for (r = 0; r < SIZE; r = r + 1) begin : rows
      for (c = 0; c < SIZE; c = c + 1) begin : columns
        localparam integer HERE = (r * SIZE + c) * BITS;
        localparam integer BELOW = r == SIZE - 1 ? 0 : HERE + SIZE * BITS;
        localparam integer RIGHT = c == SIZE - 1 ? 0 : HERE + BITS;
        wire [BITS-1:0] below = r == SIZE - 1 ? row[c*BITS+:BITS] : tile[BELOW+:BITS];
        wire [BITS-1:0] right = c == SIZE - 1 ? row[r*BITS+:BITS] : tile[RIGHT+:BITS];
        always_ff @(posedge clk) if (valid) tile[HERE+:BITS] <= up ? below : right;
      end
      assign column[r*BITS+:BITS] = up ? tile[r*BITS+:BITS] : tile[r*SIZE*BITS+:BITS];
    end
  endgenerate
endmodule
