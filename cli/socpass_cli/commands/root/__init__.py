"""The root's commands: ceremonies and the federation's folder."""
