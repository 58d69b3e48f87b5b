#!/usr/bin/env python3
"""Node tests of ONNX on their stored inputs: outputs within ONNX's own tolerance (reduced form of
scripts/count_onnx_tests.py --values). Skipped without Debian's libonnx-testdata.
"""

import subprocess
import sys
import unittest
from pathlib import Path

DATA = Path("/usr/share/libonnx-testdata/data")
NODES = """abs add_bcast averagepool_2d_precomputed_pads_count_include_pad averagepool_2d_same_upper basic_conv_with_padding
batchnorm_epsilon clip_example concat_3d_axis_1 conv_with_strides_and_asymmetric_padding convtranspose_pads convtranspose_dilations
depthtospace_crd_mode einsum_batch_matmul elu erf gemm_transposeA gemm_default_vector_bias globalaveragepool hardswish
instancenorm_epsilon layer_normalization_3d_axis1_epsilon_expanded leakyrelu logsoftmax_axis_1 matmul_3d maxpool_2d_precomputed_pads
maxpool_2d_strides mul_bcast pow prelu_broadcast reduce_l2_keep_dims_random reduce_mean_negative_axes_keepdims_random
resize_upsample_scales_cubic resize_upsample_scales_linear_align_corners selu sigmoid slice slice_neg_steps softmax_axis_2 softplus
spacetodepth split_equal_parts_2d sub_bcast tanh transpose_all_permutations_4""".split()
OTHERS = ("pytorch-operator/test_operator_conv", "pytorch-operator/test_operator_addmm", "pytorch-converted/test_Conv2d_groups",
          "pytorch-converted/test_BatchNorm2d_eval", "pytorch-converted/test_GLU_dim")
SIMULATOR = None


@unittest.skipUnless(DATA.is_dir(), "libonnx-testdata is not installed")
class OnnxValues(unittest.TestCase):
    def setUp(self):
        if SIMULATOR is None:
            self.skipTest("no simulator given")

    def test_stored_outputs_come_out(self):
        for name in [f"node/test_{node}" for node in NODES] + list(OTHERS):
            with self.subTest(name):
                model = DATA / name / "model.onnx"
                done = subprocess.run([SIMULATOR, "verify", model], capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    SIMULATOR = sys.argv[1] if len(sys.argv) > 1 else None
    unittest.main(argv=sys.argv[:1])
