"""Speculative decoding: acceptance, the best drafter, accepted lengths, simulation."""
