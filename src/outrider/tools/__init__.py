"""The tool gateway: one MCP endpoint in front of any number of tool servers, with policy on every call.

`ports` has the seams; `calls` is the one way a tool is called.
"""
