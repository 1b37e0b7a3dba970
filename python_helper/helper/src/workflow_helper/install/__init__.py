"""Install into environments, compare them with declarations, and repair and delete them."""
