"""The bundled workflows, a module a tool."""
