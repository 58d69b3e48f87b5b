// Weight-stationary array of ROWS x COLUMNS PEs of one format. Rows hold the reduction: element i of an operand vector belongs to row i.
//
// Vectors enter unskewed, one a cycle; row i delays its element by i cycles. Column j's sum of a vector is in `sums` ROWS + j cycles after
// the vector was there, `sum_valid[j]` with it. `load` shifts a row of weights in at the top: the last row of a pass comes first. The
// weights of the next pass may be loaded once the swap of this pass has left the array: ROWS + COLUMNS - 1 cycles after it entered.
module systolic_array_ws #(
    parameter integer ROWS = 4,
    parameter integer COLUMNS = 4,
    parameter integer KIND = 2,
    parameter integer EXP_BITS = 2,
    parameter integer MAN_BITS = 5,
    parameter integer SPECIALS = 0,
    parameter integer STEP = -9,
    parameter integer SCALED = 1,
    parameter integer EXP = 8,
    parameter integer MAN = 23
) (
    input  logic                                     clk,
    input  logic                                     load,
    input  logic [COLUMNS*(EXP_BITS+MAN_BITS+1)-1:0] weights,
    input  logic [COLUMNS*8-1:0]                     weight_scales,
    input  logic                                     valid,
    input  logic                                     swap,
    input  logic [ROWS*(EXP_BITS+MAN_BITS+1)-1:0]    a,
    input  logic [ROWS*8-1:0]                        a_scales,
    output logic [COLUMNS*(EXP+MAN+1)-1:0]           sums,
    output logic [COLUMNS-1:0]                       sum_valid
);
  localparam integer BITS = EXP_BITS + MAN_BITS + 1;
  localparam integer SUM = EXP + MAN + 1;
  localparam integer LINK = BITS + 8 + 2;  // element, scale, valid, swap

  // Links to the right: [row][column], column 0 from the skew registers. Links down: [row][column], row 0 from outside.
  logic [ROWS*(COLUMNS+1)*LINK-1:0] across;
  logic [(ROWS+1)*COLUMNS*BITS-1:0] weight_down;
  logic [(ROWS+1)*COLUMNS*8-1:0] scale_down;
  logic [(ROWS+1)*COLUMNS*SUM-1:0] sum_down;
  assign weight_down[COLUMNS*BITS-1:0] = weights;
  assign scale_down[COLUMNS*8-1:0] = weight_scales;
  assign sum_down[COLUMNS*SUM-1:0] = {COLUMNS * SUM{1'b0}};
  assign sums = sum_down[ROWS*COLUMNS*SUM+:COLUMNS*SUM];

  genvar i, j;
  generate
    for (i = 0; i < ROWS; i = i + 1) begin : rows
      wire [LINK-1:0] entering = {swap & valid, valid, a_scales[i*8+:8], a[i*BITS+:BITS]};
      if (i == 0) begin : no_skew
        assign across[0+:LINK] = entering;
      end else begin : skew
        logic [i*LINK-1:0] delay;
        always_ff @(posedge clk) delay <= {delay, entering};
        assign across[i*(COLUMNS+1)*LINK+:LINK] = delay[(i-1)*LINK+:LINK];
      end
      for (j = 0; j < COLUMNS; j = j + 1) begin : columns
        localparam integer FROM = (i * (COLUMNS + 1) + j) * LINK;
        localparam integer TO = FROM + LINK;
        localparam integer UP = i * COLUMNS + j;
        localparam integer DOWN = UP + COLUMNS;
        pe_weight_stationary #(
            .A_KIND(KIND), .A_EXP(EXP_BITS), .A_MAN(MAN_BITS), .A_SPECIALS(SPECIALS), .A_STEP(STEP),
            .B_KIND(KIND), .B_EXP(EXP_BITS), .B_MAN(MAN_BITS), .B_SPECIALS(SPECIALS), .B_STEP(STEP),
            .SCALED(SCALED), .EXP(EXP), .MAN(MAN)
        ) pe (
            .clk(clk), .load(load), .weight_in(weight_down[UP*BITS+:BITS]), .weight_scale_in(scale_down[UP*8+:8]),
            .weight_out(weight_down[DOWN*BITS+:BITS]), .weight_scale_out(scale_down[DOWN*8+:8]),
            .swap(across[FROM+LINK-1]), .valid(across[FROM+LINK-2]), .a_scale(across[FROM+BITS+:8]), .a(across[FROM+:BITS]),
            .swap_out(across[TO+LINK-1]), .valid_out(across[TO+LINK-2]), .a_scale_out(across[TO+BITS+:8]),
            .a_out(across[TO+:BITS]), .sum_in(sum_down[UP*SUM+:SUM]), .sum_out(sum_down[DOWN*SUM+:SUM]));
        if (i == ROWS - 1) begin : last_row
          assign sum_valid[j] = across[TO+LINK-2];
        end
      end
    end
  endgenerate
endmodule
