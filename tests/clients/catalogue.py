"""The clients, what each speaks, and what is asked of it. The rows and columns of docs/reference/clients.md."""

from typing import NamedTuple

PROVIDERS = ("chat", "responses", "anthropic", "gemini", "bedrock")
"""What the provider behind Outrider speaks."""

FEATURES = {
    "plain": "a plain answer with its usage",
    "streamed": "a streamed answer with its usage",
    "tool": "two parallel tool calls, and their results given back",
    "streamed_tool": "the same calls from a stream",
    "stored_tool": "the same with the stored answer's id instead of the conversation",
    "thoughts": "thoughts before such calls, given back with their signatures: whole and from a stream",
    "structured": "a structured output, parsed by the client",
    "streamed_structured": "a structured output from a stream",
    "image": "an image",
    "count": "tokens counted without a call",
    "embeddings": "embeddings",
    "models": "the list of models",
    "denied": "a wrong key and a model that does not exist are the client's own exceptions",
    "error": "so are a request that the provider refuses, its limit and its fault",
    "streamed_error": "so is a stream that the provider refuses",
    "retry": "the client's own retry after a 429",
    "leave": "a client that leaves a stream: the run is recorded as cancelled",
}
_ASKED = ("plain", "streamed", "tool", "streamed_tool", "structured", "image")
USUAL = (*_ASKED, "denied", "error", "streamed_error", "retry", "leave")
ONCE = ("embeddings", "models", "denied")
"""Asked with one provider: the provider's language has no part in it."""
OFFLINE = ("plain", "streamed", "structured")
"""Asked with the embedded model behind, too."""

MODELS = {
    "openai": ("gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "gpt-4o", "gpt-4o-mini"),
    "anthropic": ("claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-1", "claude-opus-4-5", "claude-sonnet-4-6"),
    "google": (
        "gemini-2.5-flash",
        "gemini-2.5-pro",
        "gemini-2.5-flash-lite",
        "gemini-2.0-flash",
        "gemini-3-pro-preview",
    ),
}
"""The names that callers use, in the order of PROVIDERS: a client may want to know its models."""

EMBEDDED = {"openai": "gpt-4-turbo", "anthropic": "claude-opus-4-6", "google": "gemini-2.0-flash-lite"}
"""The same for the embedded model."""


EMBEDDING = "text-embedding-3-small"
THINKER = "gpt-5"
"""Of the provider that speaks responses: its other model does not think."""
NOBODY = "gpt-3.5-turbo-16k"
"""Known to clients, unknown to Outrider."""


class Raises(NamedTuple):
    """The classes of a client's exceptions, by what went wrong."""

    refused: str = "BadRequestError"
    key: str = "AuthenticationError"
    missing: str = "NotFoundError"
    limited: str = "RateLimitError"
    broken: str = "InternalServerError"


class Client(NamedTuple):
    """`program` with its `arguments` runs in `environment` (a dependency group, or `node`).

    `packages` are shown with their versions. `language` is what it speaks, `names` whose models it knows. `raises` are
    its exceptions.
    """

    name: str
    packages: tuple[str, ...]
    language: str
    environment: str
    program: str
    arguments: tuple[str, ...] = ()
    names: str = "openai"
    raises: Raises = Raises()
    features: tuple[str, ...] = USUAL

    @property
    def id(self) -> str:
        return f"{self.name}-{self.language}".lower().replace(" ", "-")

    def model(self, provider: str) -> str:
        return EMBEDDED[self.names] if provider == "embedded" else MODELS[self.names][PROVIDERS.index(provider)]


def _and(*more: str) -> tuple[str, ...]:
    return tuple(feature for feature in FEATURES if feature in USUAL or feature in more)


_OPENAI = ("openai",)
_LANGCHAIN = ("langchain-openai",)
_PYDANTIC = ("pydantic-ai-slim",)
_AI = ("ai", "@ai-sdk/openai")
_LLAMA = ("llama-index-llms-openai",)
_GOOGLE = Raises(*["ClientError"] * 4, "ServerError")
_VERCEL = Raises(*["AI_APICallError"] * 5)
_CHAIN = ("InvalidRequest", "Authentication", "ModelNotFound", "RateLimit", "API")
_CHAIN_OPENAI = Raises(*(f"OpenAI{what}Error" for what in _CHAIN))
_CHAIN_ANTHROPIC = Raises(*(f"Anthropic{what}Error" for what in _CHAIN))
_AI_MODEL = ("RequestRejected", "Authentication", "NotFound", "RateLimit", "Server")
_RAISED = Raises(*(f"Model{what}Error" for what in _AI_MODEL))
_LITELLM = Raises(broken="BadGatewayError")

CLIENTS = (
    Client("openai", _OPENAI, "chat", "clients", "openai_chat.py", features=_and("embeddings", "models")),
    Client("openai", _OPENAI, "responses", "clients", "openai_responses.py", features=_and("stored_tool", "thoughts")),
    Client(
        "anthropic", ("anthropic",), "anthropic", "clients", "anthropic_messages.py",
        names="anthropic", features=_and("count", "thoughts"),
    ),
    Client(
        "google-genai", ("google-genai",), "gemini", "clients", "google_genai.py",
        names="google", raises=_GOOGLE, features=_and("count", "thoughts"),
    ),
    Client("openai for Node", _OPENAI, "chat", "node", "openai_chat.mjs", features=_and("embeddings", "models")),
    Client(
        "openai for Node", _OPENAI, "responses", "node", "openai_responses.mjs",
        features=_and("stored_tool", "thoughts"),
    ),
    Client(
        "anthropic for Node", ("@anthropic-ai/sdk",), "anthropic", "node", "anthropic_messages.mjs",
        names="anthropic", features=_and("count", "thoughts"),
    ),
    Client("Vercel AI SDK", _AI, "chat", "node", "ai_sdk.mjs", ("chat",), raises=_VERCEL),
    Client("Vercel AI SDK", _AI, "responses", "node", "ai_sdk.mjs", ("responses",), raises=_VERCEL),
    Client(
        "Vercel AI SDK", ("ai", "@ai-sdk/anthropic"), "anthropic", "node", "ai_sdk.mjs", ("anthropic",),
        names="anthropic", raises=_VERCEL,
    ),
    Client("LangChain", _LANGCHAIN, "chat", "clients", "with_langchain.py", ("chat",), raises=_CHAIN_OPENAI),
    Client("LangChain", _LANGCHAIN, "responses", "clients", "with_langchain.py", ("responses",), raises=_CHAIN_OPENAI),
    Client(
        "LangChain", ("langchain-anthropic",), "anthropic", "clients", "with_langchain.py", ("anthropic",),
        names="anthropic", raises=_CHAIN_ANTHROPIC,
    ),
    Client("LlamaIndex", _LLAMA, "chat", "clients-openai2", "with_llama_index.py", ("chat",)),
    Client("LlamaIndex", _LLAMA, "responses", "clients-openai2", "with_llama_index.py", ("responses",)),
    Client("Pydantic AI", _PYDANTIC, "chat", "clients", "with_pydantic_ai.py", ("chat",), raises=_RAISED),
    Client("Pydantic AI", _PYDANTIC, "responses", "clients", "with_pydantic_ai.py", ("responses",), raises=_RAISED),
    Client(
        "Pydantic AI", _PYDANTIC, "anthropic", "clients", "with_pydantic_ai.py", ("anthropic",),
        names="anthropic", raises=_RAISED,
    ),
    Client("OpenAI Agents SDK", ("openai-agents",), "chat", "clients", "with_agents.py", ("chat",)),
    Client("OpenAI Agents SDK", ("openai-agents",), "responses", "clients", "with_agents.py", ("responses",)),
    Client("LiteLLM SDK", ("litellm",), "chat", "clients-openai2", "with_litellm.py", ("chat",), raises=_LITELLM),
    Client(
        "LiteLLM SDK", ("litellm",), "anthropic", "clients-openai2", "with_litellm.py", ("anthropic",),
        names="anthropic", raises=_LITELLM,
    ),
    Client(
        "instructor", ("instructor",), "chat", "clients-openai2", "with_instructor.py",
        features=(
            "plain", "streamed", "tool", "structured", "streamed_structured", "image", "denied", "error", "retry",
            "leave",
        ),
    ),
)  # fmt: skip

_OWN_ENDS = {"Vercel AI SDK": ("stop", "tool-calls"), "LiteLLM SDK": ("stop", "tool_calls")}
_ENDS = {
    "chat": ("stop", "tool_calls"),
    "responses": ("completed", "completed"),
    "anthropic": ("end_turn", "tool_use"),
    "gemini": ("STOP", "STOP"),
}


def ends(client: Client) -> tuple[str, str]:
    """How the client names the end of an answer, and of one with calls."""
    return _OWN_ENDS.get(client.name) or _ENDS[client.language]
