"""Tables and plots of runs and of single chains."""
