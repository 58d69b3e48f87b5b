// The PEs of every format beside each other, all on the same codes. Lane i has bits 8i .. of `a` and `b`.
module mac_bench (
    input  logic        clk,
    input  logic        valid_in,
    input  logic        first_of_sum_in,
    input  logic        first_of_part_in,
    input  logic        finish_in,  // a part enters the sum
    input  logic        finish_first_in,
    input  logic [31:0] a_in,
    input  logic [31:0] b_in,
    input  logic [7:0]  a_scale_in,
    input  logic [7:0]  b_scale_in,
    input  logic [15:0] a_bf16_in,
    input  logic [15:0] b_bf16_in,
    output logic [31:0] fp32_sums[20],
    output logic [31:0] staged_sums[20],  // two stages
    output logic [31:0] bf16_sums[20],
    output logic [31:0] mixed_sums[20],  // A of this format, B of the next
    output logic [31:0] block_sums[20],
    output logic [31:0] fixed_sums[20],
    output logic [31:0] vector_sums[20],  // four lanes
    output logic [31:0] vector_bf16_sums[20],
    output logic [31:0] bf16_pe_sum,
    output logic [31:0] bf16_pe_staged_sum,
    output logic [15:0] bf16_pe_bf16_sum,
    output logic [31:0] int32_sum
);
`include "formats.svh"
  localparam integer LANES = 4;

  // Inputs are registered: Verilator writes the code behind them once.
  logic valid, first_of_sum, first_of_part, finish, finish_first;
  logic [31:0] a, b;
  logic [7:0] a_scale, b_scale;
  logic [15:0] a_bf16, b_bf16;
  always_ff @(posedge clk) begin
    {valid, first_of_sum, first_of_part, finish, finish_first} <=
        {valid_in, first_of_sum_in, first_of_part_in, finish_in, finish_first_in};
    {a, b, a_scale, b_scale} <= {a_in, b_in, a_scale_in, b_scale_in};
    {a_bf16, b_bf16} <= {a_bf16_in, b_bf16_in};
  end

  // Verilated code is long: some accumulators take some formats. Bit f: format f; mac_test.cpp has the same sets.
  localparam [19:0] STAGED = 20'h00005;
  localparam [19:0] BF16 = 20'h00107;
  localparam [19:0] MIXED = 20'h81181;
  localparam [19:0] FIXED = 20'h00103;
  localparam [19:0] VECTOR = 20'h00183;

  pe_float pe_bf16 (.clk(clk), .valid(valid), .first(first_of_sum), .a(a_bf16), .b(b_bf16), .a_scale(8'd0), .b_scale(8'd0),
      .sum(bf16_pe_sum));
  pe_float #(.STAGES(2)) pe_bf16_staged (.clk(clk), .valid(valid), .first(first_of_sum), .a(a_bf16), .b(b_bf16), .a_scale(8'd0),
      .b_scale(8'd0), .sum(bf16_pe_staged_sum));
  pe_float #(.MAN(7)) pe_bf16_bf16 (.clk(clk), .valid(valid), .first(first_of_sum), .a(a_bf16), .b(b_bf16), .a_scale(8'd0),
      .b_scale(8'd0), .sum(bf16_pe_bf16_sum));

  logic signed [31:0] int32_part;
  pe_block #(.A_KIND(1), .A_EXP(0), .A_MAN(7), .B_KIND(1), .B_EXP(0), .B_MAN(7), .BITS(32), .SATURATE(1)) pe_int32 (
      .clk(clk), .valid(valid), .first(first_of_part), .a(a[7:0]), .b(b[7:0]), .part(int32_part));
  scale_add #(.BITS(32), .STEP(-12)) add_int32 (.clk(clk), .valid(finish), .first(finish_first), .part(int32_part), .has_nan(1'b0),
      .has_plus_inf(1'b0), .has_minus_inf(1'b0), .a_scale(a_scale), .b_scale(b_scale), .sum(int32_sum));

  genvar f, lane;
  generate
    for (f = 0; f < FORMATS; f = f + 1) begin : formats
      localparam integer BITS = exp_of(f) + man_of(f) + 1;
      localparam integer STEP = step_of(f);
      localparam integer PRODUCT = 2 * fixed_of(f);

      wire [BITS-1:0] a_code = a[BITS-1:0];
      wire [BITS-1:0] b_code = b[BITS-1:0];
      pe_float #(
          .A_KIND(kind_of(f)), .A_EXP(exp_of(f)), .A_MAN(man_of(f)), .A_SPECIALS(specials_of(f)), .A_STEP(STEP),
          .B_KIND(kind_of(f)), .B_EXP(exp_of(f)), .B_MAN(man_of(f)), .B_SPECIALS(specials_of(f)), .B_STEP(STEP), .SCALED(1)
      ) pe_fp32 (.clk(clk), .valid(valid), .first(first_of_sum), .a(a_code), .b(b_code), .a_scale(a_scale), .b_scale(b_scale),
          .sum(fp32_sums[f]));
      if (STAGED[f]) begin : staged_set
        pe_float #(
            .A_KIND(kind_of(f)), .A_EXP(exp_of(f)), .A_MAN(man_of(f)), .A_SPECIALS(specials_of(f)), .A_STEP(STEP),
            .B_KIND(kind_of(f)), .B_EXP(exp_of(f)), .B_MAN(man_of(f)), .B_SPECIALS(specials_of(f)), .B_STEP(STEP), .SCALED(1),
            .STAGES(2)
        ) pe_staged (.clk(clk), .valid(valid), .first(first_of_sum), .a(a_code), .b(b_code), .a_scale(a_scale), .b_scale(b_scale),
            .sum(staged_sums[f]));
      end else begin : staged_set_left_out
        assign staged_sums[f] = 32'b0;
      end
      if (BF16[f]) begin : bf16_set
        logic [15:0] narrow_sum;
        pe_float #(
            .A_KIND(kind_of(f)), .A_EXP(exp_of(f)), .A_MAN(man_of(f)), .A_SPECIALS(specials_of(f)), .A_STEP(STEP),
            .B_KIND(kind_of(f)), .B_EXP(exp_of(f)), .B_MAN(man_of(f)), .B_SPECIALS(specials_of(f)), .B_STEP(STEP), .SCALED(1),
            .MAN(7)
        ) pe_bf16_sum (.clk(clk), .valid(valid), .first(first_of_sum), .a(a_code), .b(b_code), .a_scale(a_scale), .b_scale(b_scale),
            .sum(narrow_sum));
        assign bf16_sums[f] = {narrow_sum, 16'b0};
      end else begin : bf16_set_left_out
        assign bf16_sums[f] = 32'b0;
      end

      if (MIXED[f]) begin : mixed_set
        localparam integer G = (f + 1) % FORMATS;
        pe_float #(
            .A_KIND(kind_of(f)), .A_EXP(exp_of(f)), .A_MAN(man_of(f)), .A_SPECIALS(specials_of(f)), .A_STEP(STEP),
            .B_KIND(kind_of(G)), .B_EXP(exp_of(G)), .B_MAN(man_of(G)), .B_SPECIALS(specials_of(G)), .B_STEP(step_of(G)), .SCALED(1)
        ) pe_mixed (.clk(clk), .valid(valid), .first(first_of_sum), .a(a_code), .b(b[exp_of(G)+man_of(G):0]), .a_scale(a_scale),
            .b_scale(b_scale), .sum(mixed_sums[f]));
      end else begin : mixed_set_left_out
        assign mixed_sums[f] = 32'b0;
      end

      if (fixed_of(f) <= 24) begin : exact
        localparam integer BLOCK = PRODUCT + 9;  // 256 products and the sign
        logic signed [BLOCK-1:0] part;
        logic nan, plus, minus;
        pe_block #(
            .A_KIND(kind_of(f)), .A_EXP(exp_of(f)), .A_MAN(man_of(f)), .A_SPECIALS(specials_of(f)),
            .B_KIND(kind_of(f)), .B_EXP(exp_of(f)), .B_MAN(man_of(f)), .B_SPECIALS(specials_of(f)), .BITS(BLOCK)
        ) pe (.clk(clk), .valid(valid), .first(first_of_part), .a(a_code), .b(b_code), .part(part), .has_nan(nan),
            .has_plus_inf(plus), .has_minus_inf(minus));
        scale_add #(.BITS(BLOCK), .STEP(2 * STEP)) add (.clk(clk), .valid(finish), .first(finish_first), .part(part),
            .has_nan(nan), .has_plus_inf(plus), .has_minus_inf(minus), .a_scale(a_scale), .b_scale(b_scale),
            .sum(block_sums[f]));

        if (FIXED[f]) begin : fixed_set
          logic signed [PRODUCT+1:0] fixed_part;
          logic fixed_nan, fixed_plus, fixed_minus;
          pe_block #(
              .A_KIND(kind_of(f)), .A_EXP(exp_of(f)), .A_MAN(man_of(f)), .A_SPECIALS(specials_of(f)),
              .B_KIND(kind_of(f)), .B_EXP(exp_of(f)), .B_MAN(man_of(f)), .B_SPECIALS(specials_of(f)), .BITS(PRODUCT + 2),
              .SATURATE(1)
          ) pe_fixed (.clk(clk), .valid(valid), .first(first_of_part), .a(a_code), .b(b_code), .part(fixed_part),
              .has_nan(fixed_nan), .has_plus_inf(fixed_plus), .has_minus_inf(fixed_minus));
          scale_add #(.BITS(PRODUCT + 2), .STEP(2 * STEP)) add_fixed (.clk(clk), .valid(finish), .first(finish_first),
              .part(fixed_part), .has_nan(fixed_nan), .has_plus_inf(fixed_plus), .has_minus_inf(fixed_minus), .a_scale(a_scale),
              .b_scale(b_scale), .sum(fixed_sums[f]));
        end else begin : fixed_set_left_out
          assign fixed_sums[f] = 32'b0;
        end

        if (VECTOR[f]) begin : vector_set
          logic signed [BLOCK-1:0] vector_part;
          logic vector_nan, vector_plus, vector_minus;
          wire [LANES*BITS-1:0] a_codes, b_codes;
          for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes
            assign a_codes[lane*BITS+:BITS] = a[lane*8+:BITS];
            assign b_codes[lane*BITS+:BITS] = b[lane*8+:BITS];
          end
          pe_block #(
              .A_KIND(kind_of(f)), .A_EXP(exp_of(f)), .A_MAN(man_of(f)), .A_SPECIALS(specials_of(f)),
              .B_KIND(kind_of(f)), .B_EXP(exp_of(f)), .B_MAN(man_of(f)), .B_SPECIALS(specials_of(f)), .LANES(LANES), .BITS(BLOCK)
          ) pe_vector (.clk(clk), .valid(valid), .first(first_of_part), .a(a_codes), .b(b_codes), .part(vector_part),
              .has_nan(vector_nan), .has_plus_inf(vector_plus), .has_minus_inf(vector_minus));
          scale_add #(.BITS(BLOCK), .STEP(2 * STEP)) add_vector (.clk(clk), .valid(finish), .first(finish_first),
              .part(vector_part), .has_nan(vector_nan), .has_plus_inf(vector_plus), .has_minus_inf(vector_minus),
              .a_scale(a_scale), .b_scale(b_scale), .sum(vector_sums[f]));
          logic [15:0] vector_narrow;
          scale_add #(.BITS(BLOCK), .STEP(2 * STEP), .MAN(7)) add_vector_bf16 (.clk(clk), .valid(finish), .first(finish_first),
              .part(vector_part), .has_nan(vector_nan), .has_plus_inf(vector_plus), .has_minus_inf(vector_minus),
              .a_scale(a_scale), .b_scale(b_scale), .sum(vector_narrow));
          assign vector_bf16_sums[f] = {vector_narrow, 16'b0};
        end else begin : vector_set_left_out
          assign vector_sums[f] = 32'b0;
          assign vector_bf16_sums[f] = 32'b0;
        end
      end else begin : no_exact_view
        assign block_sums[f] = 32'b0;
        assign fixed_sums[f] = 32'b0;
        assign vector_sums[f] = 32'b0;
        assign vector_bf16_sums[f] = 32'b0;
      end
    end
  endgenerate
endmodule
