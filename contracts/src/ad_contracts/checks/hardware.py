"""The hardware tags hold on this machine."""
