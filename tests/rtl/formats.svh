// The element formats of the benches; rtl_formats.h has the same rows.
localparam integer FORMATS = 20;

// {KIND, EXP, MAN, SPECIALS, -STEP}
function automatic [31:0] row_of(input integer format);
  case (format)
    0: row_of = {4'd2, 4'd2, 8'd5, 8'd0, 8'd9};  // MXSF
    1: row_of = {4'd0, 4'd4, 8'd3, 8'd2, 8'd9};  // E4M3 fn
    2: row_of = {4'd0, 4'd5, 8'd2, 8'd1, 8'd16};  // E5M2
    3: row_of = {4'd0, 4'd2, 8'd5, 8'd0, 8'd5};  // E2M5 fin
    4: row_of = {4'd0, 4'd3, 8'd4, 8'd0, 8'd6};  // E3M4 fin
    5: row_of = {4'd0, 4'd3, 8'd2, 8'd0, 8'd4};  // E3M2 fin
    6: row_of = {4'd0, 4'd2, 8'd3, 8'd0, 8'd3};  // E2M3 fin
    7: row_of = {4'd0, 4'd2, 8'd1, 8'd0, 8'd1};  // E2M1 fin
    8: row_of = {4'd1, 4'd0, 8'd7, 8'd0, 8'd6};  // MXINT8
    9: row_of = {4'd1, 4'd0, 8'd3, 8'd0, 8'd2};  // MXINT4
    10: row_of = {4'd0, 4'd1, 8'd6, 8'd0, 8'd5};  // E1M6 fin
    11: row_of = {4'd0, 4'd6, 8'd1, 8'd1, 8'd31};  // E6M1
    12: row_of = {4'd0, 4'd3, 8'd3, 8'd1, 8'd5};  // E3M3
    13: row_of = {4'd0, 4'd4, 8'd3, 8'd3, 8'd10};  // E4M3 fnuz
    14: row_of = {4'd0, 4'd3, 8'd0, 8'd0, 8'd2};  // E3M0 fin
    15: row_of = {4'd1, 4'd0, 8'd1, 8'd0, 8'd0};  // MXINT2
    16: row_of = {4'd0, 4'd1, 8'd2, 8'd0, 8'd1};  // E1M2 fin
    17: row_of = {4'd0, 4'd5, 8'd2, 8'd3, 8'd17};  // E5M2 fnuz
    18: row_of = {4'd1, 4'd0, 8'd5, 8'd0, 8'd4};  // MXINT6
    default: row_of = {4'd0, 4'd4, 8'd1, 8'd2, 8'd7};  // E4M1 fn
  endcase
endfunction

function automatic integer kind_of(input integer format);
  kind_of = row_of(format) >> 28;
endfunction
function automatic integer exp_of(input integer format);
  exp_of = (row_of(format) >> 24) & 15;
endfunction
function automatic integer man_of(input integer format);
  man_of = (row_of(format) >> 16) & 255;
endfunction
function automatic integer specials_of(input integer format);
  specials_of = (row_of(format) >> 8) & 255;
endfunction
function automatic integer step_of(input integer format);
  step_of = -(row_of(format) & 255);
endfunction
// Bits of the largest magnitude in smallest steps.
function automatic integer fixed_of(input integer format);
  fixed_of = man_of(format) + (kind_of(format) == 2 ? 7 : kind_of(format) == 1 ? 1
             : (1 << exp_of(format)) - (specials_of(format) == 1 ? 2 : 1));
endfunction
