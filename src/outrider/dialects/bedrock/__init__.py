"""Amazon Bedrock's Converse, as providers speak it: requests out of chat, answers and streams into chat.

`frames` cuts and reads the binary event stream; `families` knows what sets the models apart behind the one API.
"""
