"""Learning of autoregressive predictors position by position: sample sizes, errors, learners, networks."""
