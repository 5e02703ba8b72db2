"""Images, files and sounds, by content and by address; citations of what was given and found."""

import base64

from outrider.testing.conformance.catalogue.making import one, says, user
from outrider.testing.speaking.words import Cite, Media, Text

PNG = Media("image", "image/png", base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256))).decode())
JPEG = Media("image", "image/jpeg", base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(range(200))).decode())
PDF = Media("file", "application/pdf", base64.b64encode(b"%PDF-1.7\n" + bytes(range(256))).decode(), name="report.pdf")
NOTES = Media("file", "text/plain", base64.b64encode("Grüße\n".encode()).decode(), name="notes.txt")
WAV = Media("audio", "audio/wav", base64.b64encode(b"RIFF" + bytes(100)).decode())
PAGE = Cite("https://example.org/a?b=1", "An example", "said there")

SCENES = (
    one("image", "An image by its content", user("What is this?", PNG)),
    one("images", "Texts and images keep their order", user("First:", PNG, "Second:", JPEG, "Compare.")),
    one(
        "image-address",
        "An image by its address",
        user("What is this?", Media("image", url="https://example.org/cat.png")),
        needs="image_url",
    ),
    one("pdf", "A PDF by its content", user("Sum this up.", PDF)),
    one(
        "pdf-address",
        "A PDF by its address",
        user("Sum this up.", Media("file", "application/pdf", url="https://example.org/report.pdf", name="report.pdf")),
        needs="file_url",
    ),
    one("text-file", "A text file", user("Sum this up.", NOTES)),
    one("audio", "A sound", user("What is said?", WAV), needs="audio"),
    one(
        "web-citations",
        "Citations of pages",
        reply=says("Before. ", Text("It is so.", (PAGE,)), " After."),
        tells="cites",
    ),
    one(
        "document-citations",
        "Citations of documents",
        user("What do they say?", Media(**{**{f: getattr(NOTES, f) for f in NOTES.__struct_fields__}, "cited": True})),
        reply=says(Text("They greet.", (Cite(title="notes.txt", quote="Grüße", document=0, start=0, end=5),))),
        needs="cited",
        tells="cites_document",
    ),
)
