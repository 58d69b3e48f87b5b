// Weight-stationary arrays: MXSF on 5 x 3 PEs, BF16 on 3 x 4.
module array_bench (
    input  logic         clk,
    input  logic         load,
    input  logic         valid,
    input  logic         swap,
    input  logic [15:0]  weights[4],
    input  logic [7:0]   weight_scales[4],
    input  logic [15:0]  a[5],
    input  logic [7:0]   a_scales[5],
    output logic [31:0]  mxsf_sums[3],
    output logic [2:0]   mxsf_valid,
    output logic [31:0]  bf16_sums[4],
    output logic [3:0]   bf16_valid
);
  logic [23:0] mxsf_weights, mxsf_weight_scales;
  logic [39:0] mxsf_a, mxsf_a_scales;
  logic [95:0] mxsf_out;
  logic [63:0] bf16_weights;
  logic [47:0] bf16_a;
  logic [127:0] bf16_out;
  genvar i;
  generate
    for (i = 0; i < 3; i = i + 1) begin : mxsf_columns
      assign mxsf_weights[i*8+:8] = weights[i][7:0];
      assign mxsf_weight_scales[i*8+:8] = weight_scales[i];
      assign mxsf_sums[i] = mxsf_out[i*32+:32];
      assign bf16_a[i*16+:16] = a[i];
    end
    for (i = 0; i < 5; i = i + 1) begin : mxsf_rows
      assign mxsf_a[i*8+:8] = a[i][7:0];
      assign mxsf_a_scales[i*8+:8] = a_scales[i];
    end
    for (i = 0; i < 4; i = i + 1) begin : bf16_columns
      assign bf16_weights[i*16+:16] = weights[i];
      assign bf16_sums[i] = bf16_out[i*32+:32];
    end
  endgenerate
  systolic_array_ws #(.ROWS(5), .COLUMNS(3)) mxsf (.clk(clk), .load(load), .weights(mxsf_weights),
      .weight_scales(mxsf_weight_scales), .valid(valid), .swap(swap), .a(mxsf_a), .a_scales(mxsf_a_scales), .sums(mxsf_out),
      .sum_valid(mxsf_valid));
  systolic_array_ws #(.ROWS(3), .COLUMNS(4), .KIND(0), .EXP_BITS(8), .MAN_BITS(7), .SPECIALS(1), .STEP(-133), .SCALED(0)) bf16 (
      .clk(clk), .load(load), .weights(bf16_weights), .weight_scales(32'b0), .valid(valid), .swap(swap), .a(bf16_a),
      .a_scales(24'b0), .sums(bf16_out), .sum_valid(bf16_valid));
endmodule
