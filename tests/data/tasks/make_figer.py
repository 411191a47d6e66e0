"""Writes figer_train.data, invented mentions in the form of FIGER's training file, with Google's protobuf package:

    python3 tests/data/tasks/make_figer.py

The message is `Mention` of entity.proto in xiaoling/figer; each stands behind its length, as Java's writeDelimitedTo
writes it.
"""

from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, proto

OPTIONAL, REPEATED, INT, TEXT, MESSAGE = 1, 3, 5, 9, 11
FIELDS = [
    ("start", 1, OPTIONAL, INT),
    ("end", 2, OPTIONAL, INT),
    ("tokens", 3, REPEATED, TEXT),
    ("pos_tags", 4, REPEATED, TEXT),
    ("deps", 5, REPEATED, MESSAGE),
    ("entity_name", 6, OPTIONAL, TEXT),
    ("features", 7, REPEATED, TEXT),
    ("labels", 8, REPEATED, TEXT),
    ("sentid", 9, OPTIONAL, INT),
    ("fileid", 10, OPTIONAL, TEXT),
]
DEPENDENCY = [("type", 1, OPTIONAL, TEXT), ("gov", 2, OPTIONAL, INT), ("dep", 3, OPTIONAL, INT)]


def add(message, fields):
    for name, number, label, kind in fields:
        field = message.field.add(name=name, number=number, label=label, type=kind)
        if kind == MESSAGE:
            field.type_name = ".Mention.Dependency"


def mention_class():
    file = descriptor_pb2.FileDescriptorProto(name="entity.proto", syntax="proto2")
    message = file.message_type.add(name="Mention")
    add(message, FIELDS)
    add(message.nested_type.add(name="Dependency"), DEPENDENCY)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("Mention"))


def main():
    mention = mention_class()
    words = "Zoë Li saw Old Town .".split()
    features = ["SELF_TKN_Old", "CON_TKN_saw"]
    with open(Path(__file__).with_name("figer_train.data"), "wb") as out:

        def write(start, end, labels, tokens=words, **more):
            record = mention(start=start, end=end, tokens=tokens, labels=labels, features=features, **more)
            proto.serialize_length_prefixed(record, out)

        # 123 bytes: the file starts with the number of an opening brace, and is no JSON.
        write(0, 2, ["/x/person"], fileid="d1", sentid=7, entity_name="Zoë_Li_(poet)", pos_tags=["NNP"] * 6)
        write(4, 7, ["/x/city"], fileid="d1")  # beyond the last word
        write(3, 5, ["/x/city", "/x/place", "/x/none"], fileid="d1", deps=[{"type": "dobj", "gov": 2, "dep": 4}])
        write(0, 1, ["/x/none"], fileid="d2")  # of no class
        write(1, 2, ["/x/club"], ["The", "Club", "sang", "𝄞", "."], fileid="d2")


main()
