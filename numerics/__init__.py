"""Language models, transition operators and information measures: the numerical layer of boundlab."""
