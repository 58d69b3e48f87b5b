from typing import Any, Dict, List, Optional, Tuple

import numpy as np
import numpy.typing as npt

_Words = Optional[npt.NDArray[np.uint16]]
_Codes = Optional[npt.NDArray[np.uint32]]
_Block = Optional[Tuple[int, int]]

def quantize(
    matrix: npt.NDArray[np.float32], format: str, block: _Block, rounding: str, scale_rule: str,
    random: _Words, seed: int,
) -> npt.NDArray[np.float32]: ...
def encode(
    matrix: npt.NDArray[np.float32], format: str, block: _Block, rounding: str, scale_rule: str,
    random: _Words, seed: int,
) -> Tuple[Any, Any, Any, Any, float]: ...
def decode(
    codes: npt.NDArray[Any], scales: _Codes, zero_points: _Codes, offsets: _Codes,
    tensor_scale: float, format: str, block: _Block,
) -> npt.NDArray[np.float32]: ...
def bfloat16_words(capsule: Any) -> Optional[npt.NDArray[np.uint16]]: ...
def formats(names: List[str]) -> List[Dict[str, Any]]: ...
def narrow(values: npt.NDArray[np.float64], format: str) -> npt.NDArray[np.float32]: ...
