"""Machines and the linear autoregressive predictors they compile to."""
