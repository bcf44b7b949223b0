"""Network weights to bytes and back, by safetensors: data that run no code."""

import torch
from safetensors.torch import load, save

__all__ = ["from_bytes", "to_bytes"]


def to_bytes(network: torch.nn.Module) -> bytes:
    """Return the weights, as float32 on the CPU, in the safetensors format."""
    return save(
        {
            name: values.detach().to(device="cpu", dtype=torch.float32).contiguous()
            for name, values in network.state_dict().items()
        }
    )


def from_bytes(network: torch.nn.Module, data: bytes) -> None:
    """Put saved weights into a network of the same shape."""
    network.load_state_dict(load(data))
