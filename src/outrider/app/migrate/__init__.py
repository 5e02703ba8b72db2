"""Configurations of other gateways, written anew as outrider.yaml: `outrider init --from FILE`.

`sources` reads the file and says whose it is; `litellm` and the modules beside it translate; `writing` makes the text.
Nothing here opens a connection or reads the environment. Secrets of the old file never enter the new one.
"""
