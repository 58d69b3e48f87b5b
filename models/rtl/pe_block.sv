// Processing element with an exact integer sum: part <- part + dot product of LANES pairs, in units of both smallest steps. A block's
// part is scaled and rounded by scale_add.sv.
//
// BITS: of the part, sign included; the designer picks it so that no block overflows. SATURATE 1 (one lane): additions saturate, as in
// INT32 accumulators. NaNs and infinities, which no integer holds, are kept in flags. CLOCK_GATED: pe_float.sv.
module pe_block #(
    parameter integer A_KIND = 2,
    parameter integer A_EXP = 2,
    parameter integer A_MAN = 5,
    parameter integer A_SPECIALS = 0,
    parameter integer B_KIND = 2,
    parameter integer B_EXP = 2,
    parameter integer B_MAN = 5,
    parameter integer B_SPECIALS = 0,
    parameter integer LANES = 1,
    parameter integer BITS = 30,
    parameter integer SATURATE = 0,
    parameter integer CLOCK_GATED = 0
) (
    input  logic                           clk,
    input  logic                           valid,
    input  logic                           first,  // of a block
    input  logic [LANES*(A_EXP+A_MAN+1)-1:0] a,
    input  logic [LANES*(B_EXP+B_MAN+1)-1:0] b,
    output logic                           valid_out,
    output logic                           first_out,
    output logic [LANES*(A_EXP+A_MAN+1)-1:0] a_out,
    output logic [LANES*(B_EXP+B_MAN+1)-1:0] b_out,
    output logic signed [BITS-1:0]         part,
    output logic                           has_nan,
    output logic                           has_plus_inf,
    output logic                           has_minus_inf
);
  localparam integer A_BITS = A_EXP + A_MAN + 1;
  localparam integer B_BITS = B_EXP + B_MAN + 1;

  always_ff @(posedge clk) begin
    valid_out <= valid;
    first_out <= first;
    if (valid || CLOCK_GATED != 0) begin
      a_out <= a;
      b_out <= b;
    end
  end

  // Products in two's complement: term + carry.
  logic [LANES*BITS-1:0] terms;
  logic [LANES-1:0] carries, nans, plus_infs, minus_infs;
  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : products
      if (A_KIND == 1 && B_KIND == 1) begin : integers
        wire signed [A_BITS-1:0] a_code = a_out[lane*A_BITS+:A_BITS];
        wire signed [B_BITS-1:0] b_code = b_out[lane*B_BITS+:B_BITS];
        wire signed [BITS-1:0] product = a_code * b_code;
        assign terms[lane*BITS+:BITS] = product;
        assign carries[lane] = 1'b0;
        assign nans[lane] = 1'b0;
        assign plus_infs[lane] = 1'b0;
        assign minus_infs[lane] = 1'b0;
      end else begin : aligned
        logic sign, is_nan, is_inf;
        logic [8:0] index;
        logic [15:0] magnitude;
        element_multiplier #(
            .A_KIND(A_KIND), .A_EXP(A_EXP), .A_MAN(A_MAN), .A_SPECIALS(A_SPECIALS),
            .B_KIND(B_KIND), .B_EXP(B_EXP), .B_MAN(B_MAN), .B_SPECIALS(B_SPECIALS)
        ) multiplier (
            .a(a_out[lane*A_BITS+:A_BITS]), .b(b_out[lane*B_BITS+:B_BITS]), .sign(sign), .index(index),
            .magnitude(magnitude), .is_nan(is_nan), .is_inf(is_inf));
        wire [BITS+1:0] extended = magnitude;
        wire [BITS+1:0] shifted = extended << index;  // the index starts at 2
        wire counts = ~(is_nan | is_inf);
        assign carries[lane] = sign & counts;
        assign terms[lane*BITS+:BITS] = (shifted[BITS+1:2] & {BITS{counts}}) ^ {BITS{carries[lane]}};
        assign nans[lane] = is_nan;
        assign plus_infs[lane] = is_inf & ~sign;
        assign minus_infs[lane] = is_inf & sign;
      end
    end
  endgenerate

  wire signed [BITS-1:0] previous = first_out ? {BITS{1'b0}} : part;
  logic signed [BITS:0] total;
  integer i;
  always_comb begin
    total = {previous[BITS-1], previous};
    for (i = 0; i < LANES; i = i + 1) begin
      total = total + $signed({terms[i*BITS+BITS-1], terms[i*BITS+:BITS]}) + $signed({1'b0, carries[i]});
    end
  end
  wire overflows = SATURATE != 0 && total[BITS] != total[BITS-1];
  wire [BITS-1:0] limit = {total[BITS], {BITS-1{~total[BITS]}}};

  always_ff @(posedge clk) begin
    if (valid_out || CLOCK_GATED != 0) part <= overflows ? limit : total[BITS-1:0];
  end

  generate
    if (A_SPECIALS != 0 || B_SPECIALS != 0) begin : flags
      always_ff @(posedge clk) begin
        if (valid_out || CLOCK_GATED != 0) begin
          has_nan <= (~first_out & has_nan) | (|nans);
          has_plus_inf <= (~first_out & has_plus_inf) | (|plus_infs);
          has_minus_inf <= (~first_out & has_minus_inf) | (|minus_infs);
        end
      end
    end else begin : no_flags
      assign has_nan = 1'b0;
      assign has_plus_inf = 1'b0;
      assign has_minus_inf = 1'b0;
    end
  endgenerate
endmodule
