"""What all commands share: click classes, options, output, clock, language, errors."""
