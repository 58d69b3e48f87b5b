"""torchvision's networks against the shipped traces; minutes, so only with MXSIM_LONG=1, PyTorch and torchvision."""

import os

import pytest

import mxsim

if not os.environ.get("MXSIM_LONG"):
    pytest.skip("takes minutes: MXSIM_LONG=1 runs it", allow_module_level=True)
torch = pytest.importorskip("torch")
models = pytest.importorskip("torchvision.models")

NETWORKS = {"resnet50": "resnet50", "mobilenet_v3_large": "mobilenet_v3_large", "vit_b_16": "vit_b16",
            "efficientnet_b0": "efficientnet_b0", "convnext_tiny": "convnext_tiny", "swin_t": "swin_tiny"}


@pytest.mark.parametrize("name", NETWORKS)
def test_torchvisions_networks_have_the_macs_of_the_shipped_traces(name):
    traced = mxsim.trace(getattr(models, name)(weights=None), torch.zeros(1, 3, 224, 224))
    shipped = mxsim.trace(NETWORKS[name])
    assert traced.macs == shipped.macs
    if name == "swin_t":  # the export gathers tables of relative biases: a number for each pair of pixels of a window
        heads = (3, 3, 6, 6, 12, 12, 12, 12, 12, 12, 24, 24)
        assert traced.parameters == shipped.parameters + sum(count * (49 * 49 - 13 * 13) for count in heads)
    else:
        assert traced.parameters == shipped.parameters
