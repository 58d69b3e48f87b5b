// Encoders of every format under a block scale, whole re-quantizers, and a transposer.
module requantizer_bench (
    input  logic        clk,
    input  logic        reset,
    input  logic [31:0] value,
    input  logic [7:0]  scale,
    input  logic [15:0] random,
    output logic [7:0]  nearest[20],
    output logic [7:0]  stochastic[20],
    input  logic        valid,
    input  logic [31:0] values[8],
    output logic [7:0]  tile_scale,
    output logic [7:0]  tile_codes[8],  // MXSF, 8 x 8
    output logic        tile_starts,
    output logic [7:0]  row_scale,
    output logic [7:0]  row_codes[8],  // MXFP8 E4M3, 1 x 8
    output logic [7:0]  integer_scale,
    output logic [7:0]  integer_codes[8],  // MXINT8, 4 x 8
    input  logic [63:0] row,
    output logic [63:0] column
);
`include "formats.svh"
  genvar f, i;
  generate
    for (f = 0; f < FORMATS; f = f + 1) begin : formats
      localparam integer BITS = exp_of(f) + man_of(f) + 1;
      // The step of the lowest binade is the smallest step.
      localparam integer LOWEST = step_of(f) + (kind_of(f) == 2 ? 2 : kind_of(f) == 1 ? man_of(f) - 1 : man_of(f));
      localparam integer SPECIALS = specials_of(f) == 3 ? 0 : specials_of(f);
      logic [BITS-1:0] even_code, random_code;
      element_encoder #(.KIND(kind_of(f)), .EXP(exp_of(f)), .MAN(man_of(f)), .SPECIALS(SPECIALS), .LOWEST(LOWEST)) even (
          .value(value), .scale(scale), .random(random), .code(even_code));
      element_encoder #(.KIND(kind_of(f)), .EXP(exp_of(f)), .MAN(man_of(f)), .SPECIALS(SPECIALS), .LOWEST(LOWEST), .STOCHASTIC(1))
          drawn (.value(value), .scale(scale), .random(random), .code(random_code));
      assign nearest[f] = even_code;
      assign stochastic[f] = random_code;
    end
  endgenerate

  logic [255:0] packed_values;
  logic [63:0] tile_packed, row_packed, integer_packed;
  generate
    for (i = 0; i < 8; i = i + 1) begin : lanes
      assign packed_values[i*32+:32] = values[i];
      assign tile_codes[i] = tile_packed[i*8+:8];
      assign row_codes[i] = row_packed[i*8+:8];
      assign integer_codes[i] = integer_packed[i*8+:8];
    end
  endgenerate
  requantizer tiles (.clk(clk), .reset(reset), .valid(valid), .values(packed_values), .starts(tile_starts), .scale(tile_scale),
      .codes(tile_packed));
  requantizer #(.ROWS(1), .KIND(0), .EXP(4), .MAN(3), .SPECIALS(2), .LOWEST(-6), .HIGHEST(8)) row_blocks (
      .clk(clk), .reset(reset), .valid(valid), .values(packed_values), .scale(row_scale), .codes(row_packed));
  requantizer #(.ROWS(4), .KIND(1), .EXP(0), .MAN(7), .LOWEST(0), .HIGHEST(0)) integer_tiles (
      .clk(clk), .reset(reset), .valid(valid), .values(packed_values), .scale(integer_scale), .codes(integer_packed));
  transposer turn (.clk(clk), .reset(reset), .valid(valid), .row(row), .column(column));
endmodule
