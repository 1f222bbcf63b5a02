"""From what a cashier hands over to a verdict on the screen."""
