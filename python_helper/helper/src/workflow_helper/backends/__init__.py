"""The bundled workflows, one module for each tool."""
