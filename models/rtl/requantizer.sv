// Re-quantizer of tiles of ROWS x LANES elements; ROWS 1: 1-D blocks along the row. Takes a row of FP32 results a cycle, keeps a tile,
// finds its scale and encodes a row a cycle while the next tile arrives. Tiles must follow without gaps between their own rows' `valid`
// cycles in order; cycles without `valid` hold everything.
// A row of codes leaves ROWS valid cycles and one clock after its values came; `starts` marks the first row of a tile with its scale.
module requantizer #(
    parameter integer LANES = 8,
    parameter integer ROWS = 8,
    parameter integer KIND = 2,
    parameter integer EXP = 2,
    parameter integer MAN = 5,
    parameter integer SPECIALS = 0,
    parameter integer LOWEST = -7,
    parameter integer HIGHEST = 2
) (
    input  logic                           clk,
    input  logic                           reset,
    input  logic                           valid,
    input  logic [LANES*32-1:0]            values,
    output logic                           starts,
    output logic [7:0]                     scale,
    output logic [LANES*(EXP+MAN+1)-1:0]   codes
);
  localparam integer BITS = EXP + MAN + 1;
  localparam integer INDEX = ROWS > 1 ? $clog2(ROWS) : 1;

  // Rows leave the buffer in the order in which they came, each ROWS rows later.
  logic [ROWS*LANES*32-1:0] rows;
  logic [INDEX-1:0] row;
  wire is_first = row == 0;
  wire is_last = row == ROWS - 1;
  always_ff @(posedge clk) begin
    if (reset) row <= 0;
    else if (valid) row <= is_last ? {INDEX{1'b0}} : row + 1'b1;
    if (valid) rows <= {values, rows} >> (LANES * 32);
  end

  logic [7:0] found, kept;
  scale_finder #(.LANES(LANES), .HIGHEST(HIGHEST)) finder (
      .clk(clk), .valid(valid), .first(is_first), .values(values), .scale(found));
  wire [7:0] current = is_first ? found : kept;

  logic [LANES*BITS-1:0] encoded;
  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : encoders
      element_encoder #(.KIND(KIND), .EXP(EXP), .MAN(MAN), .SPECIALS(SPECIALS), .LOWEST(LOWEST)) encoder (
          .value(rows[lane*32+:32]), .scale(current), .random(16'd0), .code(encoded[lane*BITS+:BITS]));
    end
  endgenerate
  always_ff @(posedge clk) begin
    if (valid) begin
      kept <= current;
      starts <= is_first;
      scale <= current;
      codes <= encoded;
    end
  end
endmodule
