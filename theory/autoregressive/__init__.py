"""Next-token predictors as universal learners."""
