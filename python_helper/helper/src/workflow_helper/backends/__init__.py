"""What the bundled workflows do: a module a tool."""
