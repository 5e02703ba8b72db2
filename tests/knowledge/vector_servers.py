"""Stand-ins for two databases that have no embedded form: what our adapters ask of Pinecone and Weaviate, spoken by
their own clients over real sockets. They know no more than that, and refuse the rest. Pinecone's finds what was written
only when it is asked a second time, as the real one does after a while."""

import contextlib
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import grpc
import numpy as np
from weaviate.proto.v1 import base_pb2, batch_pb2, health_weaviate_pb2, search_get_pb2, weaviate_pb2_grpc

KEY = "secret-of-vectors"
Answer = tuple[int, object]
Vectors = dict[int, tuple[int, np.ndarray[Any, np.dtype[np.float32]]]]


def nearest(there: Vectors, vector: Any, keys: set[int] | None, most: int) -> list[tuple[int, float]]:
    found = [(id_, float(row @ vector)) for id_, (key, row) in there.items() if keys is None or key in keys]
    return sorted(found, key=lambda one: -one[1])[:most]


@contextlib.contextmanager
def serving(answer: Callable[[str, str, dict[str, Any], Any], Answer]) -> Iterator[int]:
    """HTTP on a port of this machine: `answer(method, path, headers, body)`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            status, said = answer(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            data = b"" if said is None else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = _do

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is written about it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def pinecone() -> Iterator[str]:
    """The address of an index whose key is KEY."""
    spaces: dict[str, Vectors] = {}
    asked: set[str] = set()

    def upsert(body: Any) -> Answer:
        if len(body["vectors"]) > 1000:
            return 400, {"message": "at most 1000 vectors"}
        space = spaces.setdefault(body["namespace"], {})
        for one in body["vectors"]:
            space[int(one["id"])] = int(one["metadata"]["key"]), np.array(one["values"], np.float32)
        return 200, {"upsertedCount": len(body["vectors"])}

    def query(body: Any) -> Answer:
        if not 1 <= body["topK"] <= 10_000:
            return 400, {"message": "topK is between 1 and 10000"}
        kept = body.get("filter", {}).get("key", {}).get("$in")
        near = nearest(
            spaces.get(body["namespace"], {}),
            np.array(body["vector"], np.float32),
            None if kept is None else set(kept),
            body["topK"],
        )
        return 200, {"matches": [{"id": str(i), "score": s} for i, s in near], "namespace": body["namespace"]}

    def fetch(query: dict[str, list[str]]) -> Answer:
        name, ids = query["namespace"][0], query["ids"]
        there = {i: {"id": i, "values": [0.0]} for i in ids if int(i) in spaces.get(name, {}) and i in asked}
        asked.update(ids)
        return 200, {"vectors": there, "namespace": name}

    def answer(method: str, path: str, headers: dict[str, Any], body: Any) -> Answer:
        where = urlsplit(path)
        if headers.get("api-key") != KEY:
            return 401, {"message": "Invalid API Key"}
        if (method, where.path) == ("POST", "/vectors/upsert"):
            return upsert(body)
        if (method, where.path) == ("POST", "/query"):
            return query(body)
        if (method, where.path) == ("GET", "/vectors/fetch"):
            return fetch(parse_qs(where.query))
        if method == "DELETE" and where.path.startswith("/namespaces/"):
            gone = spaces.pop(unquote(where.path.removeprefix("/namespaces/")), None)
            return (404, {"message": "Namespace not found"}) if gone is None else (200, {})
        return 400, {"message": f"{method} {where.path} is not played"}

    with serving(answer) as port:
        yield f"http://127.0.0.1:{port}"


class _Grpc(weaviate_pb2_grpc.WeaviateServicer):
    def __init__(self, classes: dict[str, Vectors]) -> None:
        self.classes = classes

    def _allowed(self, context: Any) -> None:
        if dict(context.invocation_metadata()).get("authorization") != f"Bearer {KEY}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "anonymous access is not allowed")

    def BatchObjects(self, request: Any, context: Any) -> Any:
        self._allowed(context)
        for one in request.objects:
            raw = one.vector_bytes or one.vectors[0].vector_bytes
            key = int(one.properties.non_ref_properties["key"])
            self.classes[one.collection][uuid.UUID(one.uuid).int] = key, np.frombuffer(raw, np.float32)
        return batch_pb2.BatchObjectsReply()

    def Search(self, request: Any, context: Any) -> Any:
        self._allowed(context)
        if request.limit > 10_000:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "query maximum results exceeded")
        keys = None
        if request.HasField("filters"):
            assert request.filters.operator == base_pb2.Filters.OPERATOR_CONTAINS_ANY
            assert request.filters.target.property == "key"
            keys = set(request.filters.value_int_array.values)
        near = request.near_vector
        raw = near.vector_bytes or (near.vectors[0].vector_bytes if near.vectors else b"")
        found = nearest(self.classes[request.collection], np.frombuffer(raw, np.float32), keys, request.limit)
        reply = search_get_pb2.SearchReply()
        for id_, score in found:
            said = search_get_pb2.MetadataResult(
                id_as_bytes=uuid.UUID(int=id_).bytes, distance=-score, distance_present=True
            )
            reply.results.append(search_get_pb2.SearchResult(metadata=said))
        return reply


class _Health:
    @staticmethod
    def add(server: Any) -> None:
        said = health_weaviate_pb2.WeaviateHealthCheckResponse(status="SERVING")
        handler = grpc.unary_unary_rpc_method_handler(
            lambda request, context: said,
            request_deserializer=health_weaviate_pb2.WeaviateHealthCheckRequest.FromString,
            response_serializer=health_weaviate_pb2.WeaviateHealthCheckResponse.SerializeToString,
        )
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": handler}),)
        )


@contextlib.contextmanager
def weaviate() -> Iterator[str]:
    """The address of a server whose key is KEY."""
    classes: dict[str, Vectors] = {}

    def answer(method: str, path: str, headers: dict[str, Any], body: Any) -> Answer:
        where = urlsplit(path).path
        if where == "/v1/meta":
            return 200, {"version": "1.32.0", "hostname": "http://127.0.0.1", "modules": {}}
        if where == "/v1/.well-known/openid-configuration":
            return 404, None
        if where == "/v1/.well-known/ready":
            return 200, None
        if headers.get("authorization") != f"Bearer {KEY}":
            return 401, {"error": [{"message": "anonymous access is not allowed"}]}
        if (method, where) == ("POST", "/v1/schema"):
            classes[body["class"]] = {}
            return 200, body
        name = where.removeprefix("/v1/schema/")
        if method == "GET":
            return (200, {"class": name}) if name in classes else (404, {"error": [{"message": "not found"}]})
        if method == "DELETE":
            classes.pop(name, None)
            return 200, None
        return 400, {"error": [{"message": f"{method} {where} is not played"}]}

    server = grpc.server(ThreadPoolExecutor(4))
    weaviate_pb2_grpc.add_WeaviateServicer_to_server(_Grpc(classes), server)
    _Health.add(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with serving(answer) as web:
            yield f"http://127.0.0.1:{web}?grpc=127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
