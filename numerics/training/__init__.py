"""Small networks trained on finite sources, with checkpoints."""
